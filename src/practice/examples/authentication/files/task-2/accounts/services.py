"""What accounts can do. The API in front of it only translates to and from HTTP."""

import logging
import uuid
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import update_last_login
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from .emails import send_password_reset, send_welcome
from .models import PasswordResetToken, RefreshToken

logger = logging.getLogger(__name__)
User = get_user_model()


class AuthError(Exception):
    """Something was asked for that isn't granted."""


class EmailTaken(AuthError):
    """There is an account with that address."""


class InvalidCredentials(AuthError):
    """No active account has that address and password; which of them is wrong stays open."""


class InvalidToken(AuthError):
    """The token is unknown, expired, used or revoked; which of them stays open."""


class TokenPair(NamedTuple):
    access: str
    refresh: str


class AuthService:
    """Registration, login and password reset.

    Refresh and reset tokens are random strings that are stored as hashes; access tokens
    are signed JWTs that nobody stores. One user's tokens change one request at a time.
    """

    PROFILE_FIELDS = frozenset({"first_name", "last_name"})

    def register(self, email, password, **kwargs):
        """Create a user and send the welcome e-mail.

        `kwargs` may hold the PROFILE_FIELDS and nothing else, least of all `is_staff`.
        Raises EmailTaken, or Django's ValidationError for a weak password.
        """
        if unknown := kwargs.keys() - self.PROFILE_FIELDS:
            raise TypeError(f"register() can't set {', '.join(sorted(unknown))}")
        validate_password(password, User(email=email, **kwargs))
        try:
            with transaction.atomic():
                user = User.objects.create_user(email, password, **kwargs)
        except IntegrityError as error:
            raise EmailTaken from error
        transaction.on_commit(lambda: send_welcome(user))
        return user

    def login(self, email, password):
        """Check the credentials and return a TokenPair that starts a new sign-in.

        Takes as long for an unknown address as for a wrong password, because Django
        hashes the password in either case. Raises InvalidCredentials.
        """
        user = authenticate(email=email, password=password)
        if user is None:
            raise InvalidCredentials
        with transaction.atomic():
            # Unless a password reset came in between, which ends every sign-in.
            as_checked = User.objects.filter(pk=user.pk, password=user.password)
            if not as_checked.select_for_update().first():
                raise InvalidCredentials
            update_last_login(None, user)
            user.refresh_tokens.filter(expires_at__lte=timezone.now()).delete()
            return self._issue_tokens(user, family=uuid.uuid4())

    def refresh_token(self, refresh_token):
        """Exchange a refresh token for a new TokenPair; the old one is revoked.

        A token that comes a second time has been copied, and nobody can tell whether
        the thief or the owner came first: the sign-in that it belongs to is ended.
        Raises InvalidToken.
        """
        with transaction.atomic():
            record = self._lock(RefreshToken, refresh_token)
            if record and record.is_revoked:
                logger.warning(
                    "Revoked refresh token of user %s presented", record.user_id
                )
                self._end_sign_in(record)
            elif record and record.is_usable and record.user.is_active:
                record.is_revoked = True
                record.save(update_fields=["is_revoked"])
                return self._issue_tokens(record.user, record.family)
        # Out here, because an exception would roll the revocation back in there.
        raise InvalidToken

    def logout(self, refresh_token):
        """End the sign-in that a refresh token belongs to; unknown tokens are nobody's."""
        with transaction.atomic():
            if record := self._lock(RefreshToken, refresh_token):
                self._end_sign_in(record)

    def request_password_reset(self, email):
        """Send a reset link, which replaces earlier ones, if the address has an account.

        Returns nothing and raises nothing either way: the caller can't tell, and so
        can't give away, whether there is one.
        """
        email = User.objects.normalize_email(email)
        user = User.objects.filter(email=email, is_active=True).first()
        if user is None or not user.has_usable_password():
            return
        with transaction.atomic():
            user.password_reset_tokens.filter(is_used=False).update(is_used=True)
            lifetime = settings.AUTH_CONFIG["PASSWORD_RESET_TOKEN_LIFETIME"]
            token = PasswordResetToken.objects.issue(user, lifetime)
            transaction.on_commit(lambda: send_password_reset(user, token))

    def reset_password(self, token, new_password):
        """Set a new password, use the reset token up and end every sign-in.

        Raises InvalidToken, or Django's ValidationError for a weak password, in which
        case the token stays good. Access tokens that are out run on for their minutes.
        """
        with transaction.atomic():
            record = self._lock(PasswordResetToken, token)
            if not (record and record.is_usable and record.user.is_active):
                raise InvalidToken
            user = record.user
            validate_password(new_password, user)
            user.set_password(new_password)
            user.save(update_fields=["password"])
            user.password_reset_tokens.update(is_used=True)
            user.refresh_tokens.update(is_revoked=True)

    @staticmethod
    def _lock(model, plain):
        """Return the record of a token, or None, with its user's row locked.

        The record is read after the lock is there: whoever held it may have changed it.
        """
        owner = model.objects.matching(plain).values("user")
        if not User.objects.select_for_update().filter(pk__in=owner).first():
            return None
        return model.objects.matching(plain).select_related("user").first()

    @staticmethod
    def _end_sign_in(record):
        RefreshToken.objects.filter(family=record.family).update(is_revoked=True)

    @staticmethod
    def _issue_tokens(user, family):
        lifetime = settings.AUTH_CONFIG["REFRESH_TOKEN_LIFETIME"]
        return TokenPair(
            access=str(AccessToken.for_user(user)),
            refresh=RefreshToken.objects.issue(user, lifetime, family=family),
        )
