import hashlib
import secrets

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.utils import timezone


class CustomUserManager(BaseUserManager):
    """Makes users that are known by their e-mail address."""

    use_in_migrations = True

    @classmethod
    def normalize_email(cls, email):
        """Lower-case the whole address: two spellings must not become two accounts."""
        return super().normalize_email(email).strip().lower()

    def get_by_natural_key(self, email):
        return self.get(email=self.normalize_email(email))

    def create_user(self, email, password=None, **fields):
        """Create a user; without a password, one that can't log in with any."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        """Create a user who may do everything."""
        fields.setdefault("is_staff", True)
        fields.setdefault("is_superuser", True)
        if not (fields["is_staff"] and fields["is_superuser"]):
            raise ValueError("A superuser has is_staff=True and is_superuser=True.")
        return self.create_user(email, password, **fields)


def hash_token(plain):
    """Return what is stored of a token, so that a leaked table opens no account.

    A plain SHA-256 will do, unlike for passwords: 256 random bits can't be guessed.
    """
    return hashlib.sha256(plain.encode()).hexdigest()


class TokenQuerySet(models.QuerySet):
    """Tokens go out once, when they are issued; from then on only their hash is known."""

    def issue(self, user, lifetime, **fields):
        """Store a new token for `user` and return its plain text."""
        plain = secrets.token_urlsafe(32)
        expires_at = timezone.now() + lifetime
        self.create(user=user, token=hash_token(plain), expires_at=expires_at, **fields)
        return plain

    def matching(self, plain):
        """Find by the plain text that somebody presents."""
        return self.filter(token=hash_token(plain))
