#!/usr/bin/env python3
"""Drive the six authentication endpoints of a project over HTTP, as its clients would.

    verify/drive_endpoints.py PROJECT_DIR

Starts the project's own `manage.py runserver` with a new database and mail that goes to
files, and prints each thing that it found to hold. Exit status 1 at the first that does
not. Needs what the project needs and nothing else; nothing is left behind.
"""

import base64
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

SETTINGS = """
from config.settings import *

DATABASES["default"]["NAME"] = {database!r}
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = {mailbox!r}
"""
START_SECONDS = 60

ADA = "ada@example.com"
PASSWORD = "correct-horse-9"
NEW_PASSWORD = "battery-staple-7"


def main(project):
    with tempfile.TemporaryDirectory() as scratch:
        shop = Shop(Path(project).resolve(), Path(scratch))
        try:
            shop.start()
            registration(shop)
            login(shop)
            rotation(shop)
            logout(shop)
            password_reset(shop)
            expiry(shop)
            limits(shop)
        finally:
            shop.stop()
    print("All six endpoints do what they promise.")


def registration(shop):
    account = {"email": "Ada@Example.com", "password": PASSWORD, "is_superuser": True}
    answer = shop.post("register/", account, 201)
    check("register answers with the account", answer["email"] == ADA)
    check("register shows no password", PASSWORD not in json.dumps(answer))
    (row,) = shop.query("select password, is_superuser from accounts_customuser")
    check("the password is stored as an Argon2 hash", row[0].startswith("argon2$"))
    check("nobody can register as a superuser", not row[1])
    check("a welcome message went out", ADA in shop.newest_mail())
    shop.post("register/", account, 400)
    check("an address can be registered once", True)
    weak = shop.post("register/", {"email": "b@example.com", "password": "pass"}, 400)
    check("a weak password is refused", "password" in weak)


def login(shop):
    tokens = shop.log_in(PASSWORD)
    claims = jwt_claims(tokens["access"])
    check("access tokens live 15 minutes", claims["exp"] - claims["iat"] == 900)
    shop.get("/api/products/", 200, tokens["access"])
    shop.get("/api/products/", 401, tokens["access"][:-4] + "AAAA")
    shop.get("/api/products/", 401, unsigned(tokens["access"]))
    check("an access token is accepted, a forged or unsigned one refused", True)
    wrong = shop.post("login/", {"email": ADA, "password": "wrong"}, 401)
    nobody = shop.post("login/", {"email": "no@example.com", "password": PASSWORD}, 401)
    check("login does not tell which part was wrong", wrong == nobody)
    stored = [row[0] for row in shop.query("select token from accounts_refreshtoken")]
    check("refresh tokens are not stored as they are", tokens["refresh"] not in stored)
    shop.tokens = tokens


def rotation(shop):
    first = shop.tokens["refresh"]
    second = shop.post("refresh/", {"refresh": first}, 200)["refresh"]
    check("refresh gives another token", first != second)
    third = shop.post("refresh/", {"refresh": second}, 200)["refresh"]
    shop.post("refresh/", {"refresh": first}, 401)
    check("a refresh token works once", True)
    shop.post("refresh/", {"refresh": third}, 401)
    check("after a reuse the whole sign-in has ended", True)
    shop.post("refresh/", {"refresh": "\ud800"}, 400)
    shop.post("refresh/", {}, 400)
    shop.post("refresh/", {"refresh": shop.tokens["access"]}, 400, 401)
    check("what is no refresh token is refused", True)


def logout(shop):
    refresh = shop.log_in(PASSWORD)["refresh"]
    shop.post("logout/", {"refresh": refresh}, 204)
    shop.post("refresh/", {"refresh": refresh}, 401)
    check("logout revokes the refresh token", True)
    shop.post("logout/", {"refresh": refresh}, 204)
    shop.post("logout/", {"refresh": "unknown"}, 204)
    check("logout answers alike for tokens that it does not know", True)


def password_reset(shop):
    shop.forget_limits()
    refresh = shop.log_in(PASSWORD)["refresh"]
    known = shop.post("password-reset/", {"email": ADA}, 200)
    token = reset_token(shop.newest_mail())
    sent = len(shop.mails())
    unknown = shop.post("password-reset/", {"email": "no@example.com"}, 200)
    check("a reset request does not tell who has an account", known == unknown)
    check("nothing is sent to addresses without one", len(shop.mails()) == sent)

    confirm = {"token": token, "new_password": "12345678"}
    shop.post("password-reset/confirm/", confirm, 400)
    confirm["new_password"] = NEW_PASSWORD
    shop.post("password-reset/confirm/", confirm, 200)
    shop.post("password-reset/confirm/", confirm, 400)
    check("a reset token works once, and survives a weak password", True)
    shop.post("login/", {"email": ADA, "password": PASSWORD}, 401)
    shop.log_in(NEW_PASSWORD)
    check("the new password works and the old one does not", True)
    shop.post("refresh/", {"refresh": refresh}, 401)
    check("a reset ends the sign-ins that were open", True)


def expiry(shop):
    refresh = shop.log_in(NEW_PASSWORD)["refresh"]
    check(
        "refresh tokens live 7 days", shop.lifetime("accounts_refreshtoken") == 604800
    )
    shop.expire("accounts_refreshtoken")
    shop.post("refresh/", {"refresh": refresh}, 401)
    check("an expired refresh token is refused", True)

    shop.post("password-reset/", {"email": ADA}, 200)
    token = reset_token(shop.newest_mail())
    lifetime = shop.lifetime("accounts_passwordresettoken")
    check("reset tokens live 1 hour", lifetime == 3600)
    shop.expire("accounts_passwordresettoken")
    confirm = {"token": token, "new_password": PASSWORD}
    shop.post("password-reset/confirm/", confirm, 400)
    check("an expired reset token is refused", True)


def limits(shop):
    for endpoint, body in (
        ("login/", {"email": "no@example.com", "password": "wrong"}),
        ("password-reset/", {"email": "no@example.com"}),
    ):
        statuses = [
            shop.request(f"/api/auth/{endpoint}", body, forwarded=f"203.0.113.{n}")[0]
            for n in range(12)
        ]
        check(f"{endpoint} is limited: {statuses}", statuses[-1] == 429)


class Shop:
    """The project under test, running."""

    def __init__(self, project, scratch):
        self.project = project
        self.database = scratch / "db.sqlite3"
        self.mailbox = scratch / "mail"
        self.log = scratch / "server.log"
        self.server = None
        self.origin = None
        self.tokens = None
        (scratch / "drive_settings.py").write_text(
            SETTINGS.format(database=str(self.database), mailbox=str(self.mailbox))
        )
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "drive_settings",
            "PYTHONPATH": str(scratch),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def manage(self, *arguments):
        return [sys.executable, str(self.project / "manage.py"), *arguments]

    def start(self):
        migrate = self.manage("migrate", "--verbosity", "0")
        subprocess.run(migrate, cwd=self.project, env=self.environment, check=True)
        self.serve()

    def serve(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.origin = f"http://{address}"
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(
                self.manage("runserver", "--noreload", address),
                cwd=self.project,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.request("/api/products/", None)
                return
            except OSError:
                if self.server.poll() is not None or time.monotonic() > until:
                    sys.exit(f"The server did not start:\n{self.log.read_text()}")
                time.sleep(0.1)

    def stop(self):
        if self.server:
            self.server.terminate()
            self.server.wait()
            self.server = None

    def forget_limits(self):
        """Start the server anew: the throttles count in its memory."""
        self.stop()
        self.serve()

    def request(self, path, body, access=None, forwarded=None):
        """Return status and JSON of a POST, or of a GET where there is no body."""
        headers = {"Content-Type": "application/json"}
        if access:
            headers["Authorization"] = f"Bearer {access}"
        if forwarded:
            headers["X-Forwarded-For"] = forwarded
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.origin + path, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            return error.code, json.loads(text) if text.startswith(("{", "[")) else text

    def expect(self, statuses, path, body, access=None):
        status, answer = self.request(path, body, access)
        if status not in statuses:
            sys.exit(f"{path} {body} answered {status}, not {statuses}: {answer}")
        return answer

    def post(self, endpoint, body, *statuses):
        return self.expect(statuses, f"/api/auth/{endpoint}", body)

    def get(self, path, status, access):
        return self.expect([status], path, None, access)

    def log_in(self, password):
        return self.post("login/", {"email": ADA, "password": password}, 200)

    def mails(self):
        return sorted(self.mailbox.glob("*"), key=lambda path: path.stat().st_mtime_ns)

    def newest_mail(self):
        return self.mails()[-1].read_text()

    def query(self, sql):
        """Run a statement and return its rows."""
        connection = sqlite3.connect(self.database, timeout=10)
        try:
            with connection:
                return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def lifetime(self, table):
        """Return how long the newest token of a table lives, in seconds."""
        span = "(julianday(expires_at) - julianday(created_at)) * 86400"
        ((seconds,),) = self.query(
            f"select round({span}) from {table} order by id desc limit 1"
        )
        return seconds

    def expire(self, table):
        self.query(f"update {table} set expires_at = '2000-01-01 00:00:00'")


def check(claim, holds):
    if not holds:
        sys.exit(f"NOT SO: {claim}")
    print(f"ok: {claim}", flush=True)


def reset_token(message):
    link = re.search(r"#token=(\S+)", message)
    if not link:
        sys.exit(f"No reset link in this message:\n{message}")
    return link[1]


def jwt_claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def unsigned(token):
    """Return the same claims under the algorithm "none"."""
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=")
    return f"{header.decode()}.{token.split('.')[1]}."


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    # So that whoever stops this stops the server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))
    main(sys.argv[1])
