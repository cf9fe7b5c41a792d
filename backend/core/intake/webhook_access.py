"""Who may send leads to the webhook: Meta, by its signature, and others by a token.

| settings                           | who                                                      |
| ---------------------------------- | -------------------------------------------------------- |
| WEBHOOK_TOKEN                      | who has this token, or WEBHOOK_TOKEN_PREVIOUS            |
| WEBHOOK_OPEN=true                  | anyone                                                   |
| neither                            | who has the installation's own token                     |
| neither, and made by a version     | anyone, until WEBHOOK_TOKEN, META_APP_SECRET or          |
| before this rule                   | WEBHOOK_OPEN=false is set once                           |

An installation's own token is made from its SECRET_KEY, so that it needs no place to be kept. Team
leads see it, and a WEBHOOK_TOKEN replaces it. While there is a SECRET_KEY_PREVIOUS, the token that
was made from that is good, too.
"""

import hmac
import logging
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256

from pydantic import SecretStr

from backend.core import marks, rotation
from backend.core.db import Database
from backend.core.intake.meta import notifications
from backend.core.settings import Settings
from backend.schemas.system import WebhookSetup

log = logging.getLogger("tofa")

# The mark of an installation that was open before the webhook needed a token by itself.
WAS_OPEN = "webhook_was_open"
# In bytes: a token of 32 characters.
_LENGTH = 24


def is_signed(settings: Settings, headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether Meta has signed a body, whatever it says."""
    signature = headers.get(notifications.SIGNATURE, "")
    return any(
        notifications.is_signed(secret, body, signature)
        for secret in (rotation.app_secrets(settings) if signature else ())
    )


def token(settings: Settings) -> str:
    """Return the token that senders need, unless the webhook is open."""
    return settings.webhook_token.get_secret_value() or _own_tokens(settings)[0]


def is_right(settings: Settings, given: str) -> bool:
    """Return whether a sender has given a token that is good."""
    good = rotation.webhook_tokens(settings) or _own_tokens(settings)
    return any(notifications.same(one, given) for one in good)


def is_open(settings: Settings) -> bool:
    """Return whether anyone may send leads; the settings are as `decided` returns them."""
    return bool(settings.webhook_open) and not _is_set(settings.webhook_token)


def may_be_open(settings: Settings) -> bool:
    """Return the same for settings in which it may not be decided yet, before the start."""
    return settings.webhook_open is not False and not _is_set(settings.webhook_token)


def decided(db: Database, settings: Settings) -> Settings:
    """Return the settings in which it is decided whether the webhook is open, at a start.

    An installation that was open stays so until it is closed once.
    """
    if settings.webhook_open is not None:
        is_closed = not settings.webhook_open
    else:
        is_closed = _is_set(settings.webhook_token) or _is_set(settings.meta_app_secret)
    stays_open = marks.is_kept(db, WAS_OPEN, is_decided=is_closed)
    if settings.webhook_open is None:
        return settings.model_copy(update={"webhook_open": stays_open})
    return settings


def warn(settings: Settings) -> None:
    """Warn at the start where too few or too many may send leads."""
    if _is_set(settings.meta_access_token) and not _is_set(settings.meta_app_secret):
        log.warning(
            "META_APP_SECRET is not set: Meta's notifications are refused, because nothing "
            "proves that Meta sent them"
        )
    if is_open(settings):
        log.warning(
            "The webhook is open: anyone can send leads. Set WEBHOOK_TOKEN, or WEBHOOK_OPEN=false "
            "once your forms send the token that team leads see under Get started"
        )


def show(settings: Settings) -> WebhookSetup:
    """Return what a team lead needs to know to connect a form."""
    is_set = _is_set(settings.webhook_token)
    return {
        "is_open": is_open(settings),
        "token_is_set": is_set,
        "token": None if is_set else _own_tokens(settings)[0],
    }


def _is_set(secret: SecretStr) -> bool:
    return bool(secret.get_secret_value())


def _own_tokens(settings: Settings) -> list[str]:
    """Return the tokens made from the keys that are valid, the one to send first."""
    digests = [
        hmac.digest(key.encode(), b"the webhook's own token", sha256)
        for key in rotation.signing_keys(settings)
    ]
    return [urlsafe_b64encode(digest[:_LENGTH]).decode() for digest in digests]
