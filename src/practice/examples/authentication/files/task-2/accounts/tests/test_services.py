import re
import threading
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from unittest.mock import patch

import jwt
from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.core import mail
from django.core.exceptions import ValidationError
from django.db.models import F
from django.test import TestCase, override_settings
from rest_framework.test import APIClient

from accounts.email_backend import BackgroundSmtpBackend
from accounts.models import PasswordResetToken, RefreshToken
from accounts.services import (
    AuthService,
    EmailTaken,
    InvalidCredentials,
    InvalidToken,
)

User = get_user_model()
EMAIL = "ada@example.com"
PASSWORD = "correct-horse-9"
NEW_PASSWORD = "battery-staple-7"
FAST_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@override_settings(PASSWORD_HASHERS=FAST_HASHERS)
class ServiceTestCase(TestCase):
    service = AuthService()

    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user(EMAIL, PASSWORD)

    def let_time_pass(self, model, **time):
        model.objects.update(expires_at=F("expires_at") - timedelta(**time))

    def request_reset(self, email=EMAIL):
        """Return the token that was mailed, or None."""
        mail.outbox.clear()
        with self.captureOnCommitCallbacks(execute=True):
            self.service.request_password_reset(email)
        if not mail.outbox:
            return None
        return re.search(r"#token=(\S+)", mail.outbox[0].body)[1]


class RegisterTests(ServiceTestCase):
    def test_makes_a_user_and_welcomes_them(self):
        with self.captureOnCommitCallbacks(execute=True):
            user = self.service.register("Bo@Example.com", PASSWORD, first_name="Bo")

        user.refresh_from_db()
        self.assertEqual((user.email, user.first_name), ("bo@example.com", "Bo"))
        self.assertEqual(mail.outbox[0].to, ["bo@example.com"])
        self.assertNotIn("Bo,", mail.outbox[0].body)

    def test_refuses_a_taken_address_in_any_spelling(self):
        with self.assertRaises(EmailTaken):
            self.service.register("ADA@example.com", PASSWORD)

    def test_refuses_a_weak_password(self):
        for password in ("12345678", "password", "short", "bo@example.com"):
            with self.subTest(password), self.assertRaises(ValidationError):
                self.service.register("bo@example.com", password)

    def test_grants_no_rights(self):
        with self.assertRaises(TypeError):
            self.service.register("bo@example.com", PASSWORD, is_superuser=True)

    def test_stands_when_the_mail_server_does_not_answer(self):
        target = "django.core.mail.backends.locmem.EmailBackend.send_messages"
        with patch(target, side_effect=SMTPServerDisconnected), self.assertLogs(
            "accounts.emails", "ERROR"
        ), self.captureOnCommitCallbacks(execute=True):
            self.service.register("bo@example.com", PASSWORD)

        self.assertTrue(User.objects.filter(email="bo@example.com").exists())


class PasswordHashingTests(TestCase):
    def test_stores_argon2_hashes(self):
        user = AuthService().register(EMAIL, PASSWORD)

        self.assertTrue(user.password.startswith("argon2$argon2id$"))

    def test_hashes_for_unknown_addresses_too_so_that_both_take_as_long(self):
        hasher = "django.contrib.auth.hashers.Argon2PasswordHasher.encode"
        with patch(hasher, return_value="argon2$") as encode:
            with self.assertRaises(InvalidCredentials):
                AuthService().login(EMAIL, PASSWORD)

        encode.assert_called_once()


class LoginTests(ServiceTestCase):
    def test_returns_tokens_with_the_promised_lifetimes(self):
        tokens = self.service.login("Ada@example.com", PASSWORD)

        claims = jwt.decode(tokens.access, settings.SECRET_KEY, algorithms=["HS256"])
        self.assertEqual(claims["user_id"], self.user.pk)
        self.assertEqual(claims["exp"] - claims["iat"], 15 * 60)
        record = RefreshToken.objects.get()
        lifetime = record.expires_at - record.created_at
        self.assertAlmostEqual(lifetime.total_seconds(), 7 * 24 * 3600, delta=5)

    def test_access_token_is_accepted_and_a_forged_one_is_not(self):
        tokens = self.service.login(EMAIL, PASSWORD)
        claims = jwt.decode(tokens.access, options={"verify_signature": False})
        forged = jwt.encode(claims, "another key", algorithm="HS256")

        for token, status in ((tokens.access, 200), (forged, 401)):
            client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
            self.assertEqual(client.get("/api/products/").status_code, status)

    def test_says_the_same_of_a_wrong_password_and_an_unknown_address(self):
        for email, password in ((EMAIL, "wrong"), ("bo@example.com", PASSWORD)):
            with self.subTest(email), self.assertRaises(InvalidCredentials):
                self.service.login(email, password)

    def test_refuses_people_who_were_deactivated(self):
        User.objects.update(is_active=False)

        with self.assertRaises(InvalidCredentials):
            self.service.login(EMAIL, PASSWORD)

    def test_password_that_is_reset_meanwhile_no_longer_counts(self):
        def reset_after_check(**credentials):
            user = authenticate(**credentials)
            token = self.request_reset()
            self.service.reset_password(token, NEW_PASSWORD)
            return user

        with patch("accounts.services.authenticate", reset_after_check):
            with self.assertRaises(InvalidCredentials):
                self.service.login(EMAIL, PASSWORD)

    def test_clears_expired_tokens_away(self):
        self.service.login(EMAIL, PASSWORD)
        self.let_time_pass(RefreshToken, days=8)
        self.service.login(EMAIL, PASSWORD)

        self.assertEqual(RefreshToken.objects.count(), 1)


class RefreshTests(ServiceTestCase):
    def setUp(self):
        self.first = self.service.login(EMAIL, PASSWORD).refresh

    def assert_refused(self, token):
        with self.assertRaises(InvalidToken):
            self.service.refresh_token(token)

    def test_exchanges_a_token_for_the_next(self):
        second = self.service.refresh_token(self.first).refresh
        third = self.service.refresh_token(second).refresh

        self.assertEqual(len({self.first, second, third}), 3)

    def test_reuse_ends_that_sign_in_and_no_other(self):
        other = self.service.login(EMAIL, PASSWORD).refresh
        second = self.service.refresh_token(self.first).refresh

        with self.assertLogs("accounts.services", "WARNING"):
            self.assert_refused(self.first)
        self.assert_refused(second)
        self.service.refresh_token(other)

    def test_refuses_expired_and_unknown_tokens(self):
        self.assert_refused("unknown")
        self.assert_refused(RefreshToken.objects.get().token)
        self.let_time_pass(RefreshToken, days=7)
        self.assert_refused(self.first)

    def test_refuses_people_who_were_deactivated(self):
        User.objects.update(is_active=False)

        self.assert_refused(self.first)

    def test_logout_revokes_and_minds_no_unknown_token(self):
        second = self.service.refresh_token(self.first).refresh
        self.service.logout(second)
        self.service.logout("unknown")

        self.assert_refused(second)


class PasswordResetTests(ServiceTestCase):
    def test_sets_the_password_and_ends_every_sign_in(self):
        refresh = self.service.login(EMAIL, PASSWORD).refresh
        self.service.reset_password(self.request_reset("ADA@example.com"), NEW_PASSWORD)

        with self.assertRaises(InvalidCredentials):
            self.service.login(EMAIL, PASSWORD)
        with self.assertRaises(InvalidToken):
            self.service.refresh_token(refresh)
        self.service.login(EMAIL, NEW_PASSWORD)

    def test_link_leads_to_the_configured_page(self):
        self.request_reset()

        self.assertIn(settings.AUTH_CONFIG["PASSWORD_RESET_URL"], mail.outbox[0].body)
        self.assertIn("within 60 minutes", mail.outbox[0].body)

    def test_token_works_once(self):
        token = self.request_reset()
        self.service.reset_password(token, NEW_PASSWORD)

        with self.assertRaises(InvalidToken):
            self.service.reset_password(token, "another-staple-8")

    def test_token_works_for_an_hour(self):
        token = self.request_reset()
        self.let_time_pass(PasswordResetToken, minutes=60)

        with self.assertRaises(InvalidToken):
            self.service.reset_password(token, NEW_PASSWORD)

    def test_only_the_newest_token_works(self):
        old, new = self.request_reset(), self.request_reset()

        with self.assertRaises(InvalidToken):
            self.service.reset_password(old, NEW_PASSWORD)
        self.service.reset_password(new, NEW_PASSWORD)

    def test_weak_password_leaves_the_token_good(self):
        token = self.request_reset()
        with self.assertRaises(ValidationError):
            self.service.reset_password(token, EMAIL)

        self.service.reset_password(token, NEW_PASSWORD)

    def test_nothing_happens_for_those_who_have_no_password_to_reset(self):
        self.assertIsNone(self.request_reset("bo@example.com"))
        User.objects.update(is_active=False)
        self.assertIsNone(self.request_reset())
        self.assertFalse(PasswordResetToken.objects.exists())


class BackgroundSmtpBackendTests(TestCase):
    def send(self):
        message = mail.EmailMessage("Subject", "Body", None, [EMAIL])
        self.assertEqual(BackgroundSmtpBackend().send_messages([message]), 1)
        # The one worker takes things in turn: once this is done, the message is too.
        return BackgroundSmtpBackend._worker.submit(threading.get_ident).result()

    @patch("smtplib.SMTP")
    def test_sends_in_another_thread(self, smtp):
        threads = []
        smtp.return_value.sendmail.side_effect = lambda *_: threads.append(
            threading.get_ident()
        )
        worker = self.send()

        self.assertEqual(threads, [worker])
        self.assertNotEqual(worker, threading.get_ident())

    @patch("smtplib.SMTP", side_effect=ConnectionRefusedError)
    def test_logs_what_could_not_be_sent(self, smtp):
        with self.assertLogs("accounts.email_backend", "ERROR"):
            self.send()
