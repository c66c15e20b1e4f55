import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

from .managers import CustomUserManager, TokenQuerySet


class CustomUser(AbstractUser):
    """Somebody with an account, known by e-mail address; there are no user names."""

    username = None
    email = models.EmailField(
        "email address",
        unique=True,
        error_messages={"unique": "A user with that e-mail address already exists."},
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = CustomUserManager()


class StoredToken(models.Model):
    """What every token that leaves the server has; `token` holds its hash."""

    token = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    objects = TokenQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_expired(self):
        return self.expires_at <= timezone.now()


class RefreshToken(StoredToken):
    """Keeps somebody signed in. Good for one use, which replaces it by the next."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="refresh_tokens",
    )
    # The same for all tokens that descend from one login, so that a login can be
    # ended as a whole when one of its used tokens turns up again.
    family = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    is_revoked = models.BooleanField(default=False)

    @property
    def is_usable(self):
        return not self.is_revoked and not self.is_expired


class PasswordResetToken(StoredToken):
    """Lets somebody who reads the account's mail set a new password, once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="password_reset_tokens",
    )
    is_used = models.BooleanField(default=False)

    @property
    def is_usable(self):
        return not self.is_used and not self.is_expired
