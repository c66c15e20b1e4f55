import re

from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.test import override_settings
from rest_framework.test import APITestCase

User = get_user_model()
EMAIL = "ada@example.com"
PASSWORD = "correct-horse-9"
NEW_PASSWORD = "battery-staple-7"
FAST_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@override_settings(PASSWORD_HASHERS=FAST_HASHERS)
class AuthApiTestCase(APITestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user(EMAIL, PASSWORD)

    def setUp(self):
        # Where the throttles count.
        cache.clear()
        mail.outbox.clear()

    def post(self, endpoint, status, /, **data):
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(f"/api/auth/{endpoint}/", data)
        self.assertEqual(response.status_code, status, response.data)
        self.assertEqual(response["Cache-Control"], "no-store")
        return response.data

    def log_in(self, password=PASSWORD):
        return self.post("login", 200, email=EMAIL, password=password)

    def request_reset(self):
        self.post("password-reset", 200, email=EMAIL)
        return re.search(r"#token=(\S+)", mail.outbox[-1].body)[1]


class RegisterApiTests(AuthApiTestCase):
    def test_makes_an_account_and_welcomes_its_owner(self):
        data = self.post(
            "register",
            201,
            email="bo@example.com",
            password=PASSWORD,
            first_name="Bo",
            is_staff=True,
        )

        user = User.objects.get(email="bo@example.com")
        self.assertEqual(
            data,
            {
                "id": user.pk,
                "email": "bo@example.com",
                "first_name": "Bo",
                "last_name": "",
            },
        )
        self.assertFalse(user.is_staff)
        self.assertEqual(mail.outbox[0].to, ["bo@example.com"])

    def test_says_which_field_is_wrong(self):
        taken = self.post("register", 400, email=EMAIL, password=PASSWORD)
        weak = self.post("register", 400, email="bo@example.com", password="password")
        empty = self.post("register", 400)

        self.assertEqual(set(taken), {"email"})
        self.assertEqual(set(weak), {"password"})
        self.assertEqual(set(empty), {"email", "password"})


class LoginApiTests(AuthApiTestCase):
    def test_returns_tokens_that_open_the_api(self):
        tokens = self.log_in()

        self.assertEqual(set(tokens), {"access", "refresh"})
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")
        self.assertEqual(self.client.get("/api/products/").status_code, 200)

    def test_answers_alike_whichever_part_is_wrong(self):
        wrong = self.post("login", 401, email=EMAIL, password="wrong")
        unknown = self.post("login", 401, email="bo@example.com", password=PASSWORD)

        self.assertEqual(wrong, unknown)

    def test_works_with_a_stale_access_token_in_the_header(self):
        self.client.credentials(HTTP_AUTHORIZATION="Bearer stale")

        self.log_in()

    def test_is_limited_per_address_whatever_the_client_claims(self):
        for number in range(5):
            self.client.defaults["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{number}"
            self.post("login", 401, email=EMAIL, password="wrong")

        self.post("login", 429, email=EMAIL, password=PASSWORD)


class RefreshAndLogoutApiTests(AuthApiTestCase):
    def test_rotates_the_refresh_token(self):
        first = self.log_in()["refresh"]
        second = self.post("refresh", 200, refresh=first)["refresh"]

        self.assertNotEqual(first, second)
        self.post("refresh", 401, refresh=first)
        self.post("refresh", 401, refresh=second)

    def test_logout_revokes_and_answers_alike_for_unknown_tokens(self):
        refresh = self.log_in()["refresh"]
        self.post("logout", 204, refresh=refresh)
        self.post("logout", 204, refresh="unknown")

        self.post("refresh", 401, refresh=refresh)


class PasswordResetApiTests(AuthApiTestCase):
    def test_sets_a_new_password_once(self):
        token = self.request_reset()
        confirm = "password-reset/confirm"
        self.post(confirm, 200, token=token, new_password=NEW_PASSWORD)

        data = self.post(confirm, 400, token=token, new_password="another-staple-8")
        self.assertEqual(set(data), {"token"})
        self.log_in(NEW_PASSWORD)
        self.post("login", 401, email=EMAIL, password=PASSWORD)

    def test_refuses_a_weak_password(self):
        data = self.post(
            "password-reset/confirm",
            400,
            token=self.request_reset(),
            new_password="password",
        )

        self.assertEqual(set(data), {"new_password"})

    def test_does_not_tell_who_has_an_account(self):
        known = self.post("password-reset", 200, email=EMAIL)
        unknown = self.post("password-reset", 200, email="bo@example.com")

        self.assertEqual(known, unknown)
        self.assertEqual(len(mail.outbox), 1)

    def test_is_limited(self):
        for _ in range(5):
            self.post("password-reset", 200, email="bo@example.com")

        self.post("password-reset", 429, email="bo@example.com")
