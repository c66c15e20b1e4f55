from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import TestCase
from django.utils import timezone

from accounts.managers import hash_token
from accounts.models import PasswordResetToken, RefreshToken

User = get_user_model()
HOUR = timedelta(hours=1)


class CustomUserTests(TestCase):
    def test_is_known_by_email_and_has_no_user_name(self):
        user = User.objects.create_user("ada@example.com", "correct horse")

        self.assertEqual(User.USERNAME_FIELD, "email")
        self.assertEqual(user.get_username(), "ada@example.com")
        self.assertIsNone(User.username)
        self.assertTrue(user.check_password("correct horse"))
        self.assertFalse(user.is_staff or user.is_superuser)

    def test_spelling_of_the_address_does_not_matter(self):
        user = User.objects.create_user(" Ada@Example.COM", "correct horse")

        self.assertEqual(user.email, "ada@example.com")
        self.assertEqual(User.objects.get_by_natural_key("ADA@example.com"), user)
        with self.assertRaises(IntegrityError):
            User.objects.create_user("ADA@example.com", "another horse")

    def test_forms_are_held_to_the_same_spelling(self):
        User.objects.create_user("ada@example.com", "correct horse")
        user = User(email="ADA@example.com", password="!")

        with self.assertRaises(ValidationError):
            user.full_clean()

    def test_needs_an_address(self):
        with self.assertRaises(ValueError):
            User.objects.create_user("", "correct horse")

    def test_without_a_password_none_fits(self):
        user = User.objects.create_user("ada@example.com")

        self.assertFalse(user.has_usable_password())

    def test_superuser_may_do_everything(self):
        user = User.objects.create_superuser("root@example.com", "correct horse")

        self.assertTrue(user.is_staff and user.is_superuser)
        with self.assertRaises(ValueError):
            User.objects.create_superuser("b@example.com", "x", is_staff=False)


class TokenTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("ada@example.com", "correct horse")

    def test_only_the_hash_is_stored(self):
        plain = RefreshToken.objects.issue(self.user, HOUR)

        record = RefreshToken.objects.get()
        self.assertEqual(record.token, hash_token(plain))
        self.assertNotEqual(record.token, plain)
        self.assertEqual(RefreshToken.objects.matching(plain).get(), record)
        self.assertFalse(RefreshToken.objects.matching(record.token).exists())

    def test_no_two_tokens_are_alike(self):
        tokens = {PasswordResetToken.objects.issue(self.user, HOUR) for _ in range(20)}

        self.assertEqual(len(tokens), 20)

    def test_refresh_token_ends_when_it_is_revoked_or_expires(self):
        in_an_hour = timezone.now() + HOUR

        self.assertTrue(RefreshToken(expires_at=in_an_hour).is_usable)
        self.assertFalse(RefreshToken(expires_at=timezone.now()).is_usable)
        revoked = RefreshToken(expires_at=in_an_hour, is_revoked=True)
        self.assertFalse(revoked.is_usable)

    def test_reset_token_ends_when_it_is_used_or_expires(self):
        in_an_hour = timezone.now() + HOUR

        self.assertTrue(PasswordResetToken(expires_at=in_an_hour).is_usable)
        self.assertFalse(PasswordResetToken(expires_at=timezone.now()).is_usable)
        used = PasswordResetToken(expires_at=in_an_hour, is_used=True)
        self.assertFalse(used.is_usable)

    def test_tokens_go_with_their_user(self):
        RefreshToken.objects.issue(self.user, HOUR)
        PasswordResetToken.objects.issue(self.user, HOUR)
        self.user.delete()

        self.assertFalse(RefreshToken.objects.exists())
        self.assertFalse(PasswordResetToken.objects.exists())
