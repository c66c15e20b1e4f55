"""The messages that the accounts send.

Nothing that a caller of the API wrote goes into them except the address itself:
registering somebody else's address must not send them somebody else's words.
"""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


def send_welcome(user):
    _send(user, "Welcome to the Storefront", "welcome", {"email": user.email})


def send_password_reset(user, token):
    lifetime = settings.AUTH_CONFIG["PASSWORD_RESET_TOKEN_LIFETIME"]
    context = {
        # From the settings, never from the request, whose Host header anybody can set;
        # behind a # because browsers keep that part from servers, logs and referrers.
        "link": f"{settings.AUTH_CONFIG['PASSWORD_RESET_URL']}#token={token}",
        "minutes": int(lifetime.total_seconds() // 60),
    }
    _send(user, "Your new password", "password_reset", context)


def _send(user, subject, template, context):
    """Send a message, or log why it couldn't be: what it is about has happened already."""
    body = render_to_string(f"emails/{template}.txt", context)
    try:
        send_mail(subject, body, None, [user.email])
    except (SMTPException, OSError):
        logger.exception("Could not send %s to user %s", template, user.pk)
