"""Send an email by the SMTP server of the settings, outside any transaction."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

from backend.core import times
from backend.core.settings import Settings

# In seconds: how long the server may take for each step. A team lead waits for it.
TIMEOUT = 10.0
# The default ports of a server that is encrypted from the start, and of one that becomes so.
PORTS = {"smtps": 465, "smtp": 587}
# The replies with which a server says that trying again is of no use (RFC 5321, section 4.2.1).
_FOR_GOOD = 500


class NotSent(Exception):
    """The email wasn't sent. The text says why, for a team lead, without addresses and passwords.

    `for_good` says that the server will never take it.
    """

    def __init__(self, text: str, *, for_good: bool = False) -> None:
        super().__init__(text)
        self.for_good = for_good


def is_set_up(settings: Settings) -> bool:
    """Return whether emails with links can be sent."""
    return bool(settings.smtp_url.get_secret_value() and settings.public_url)


def send(settings: Settings, to: str, subject: str, text: str, name: str = "") -> None:
    """Send an email, and wait until the server has taken it. Raises `NotSent`.

    `name` is the same whenever the same email is sent again, so that mailboxes show it once.
    """
    url = urlsplit(settings.smtp_url.get_secret_value())
    message = EmailMessage()
    try:
        message["To"], message["Subject"] = to, subject
        message["From"] = settings.mail_from or unquote(url.username or "")
        message["Date"] = format_datetime(times.now())
        host = urlsplit(settings.public_url).hostname or "localhost"
        message["Message-ID"] = f"<{name}@{host}>" if name else make_msgid(domain=host)
        # Nobody's away message is an answer to it (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        server = _connect(url.scheme, url.hostname or "", url.port or PORTS[url.scheme])
        try:
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(message)
        finally:
            # What the server says at the end doesn't change what it has taken.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent("The mail server refused the user or password in SMTP_URL") from error
    except smtplib.SMTPRecipientsRefused as error:
        for_good = all(code >= _FOR_GOOD for code, _ in error.recipients.values())
        raise NotSent("The mail server refused this email address", for_good=for_good) from error
    except smtplib.SMTPSenderRefused as error:
        raise NotSent("The mail server refused the sender: check MAIL_FROM") from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotSent("The mail server couldn't be reached, or refused the email") from error


def _connect(scheme: str, host: str, port: int) -> smtplib.SMTP:
    """Return a connection that is encrypted, except with a server on this machine."""
    context = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
    server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    try:
        server.ehlo()
        if host not in ("localhost", "127.0.0.1", "::1") or server.has_extn("starttls"):
            server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server
