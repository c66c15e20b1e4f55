import logging
from concurrent.futures import ThreadPoolExecutor

from django.core.mail.backends.smtp import EmailBackend

logger = logging.getLogger(__name__)


class BackgroundSmtpBackend(EmailBackend):
    """SMTP in a thread of its own.

    An answer that waits for the mail server takes longer for addresses that have an
    account, and so tells which ones do.
    """

    _worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")

    def send_messages(self, email_messages):
        self._worker.submit(self._deliver, list(email_messages))
        return len(email_messages)

    def _deliver(self, email_messages):
        try:
            super().send_messages(email_messages)
        except Exception:
            logger.exception("Could not send %s message(s)", len(email_messages))
