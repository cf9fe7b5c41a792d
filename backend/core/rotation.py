"""Keys and tokens while they are replaced: for that time, the new and the previous one are valid.

Tokens are signed with the new key only. What was signed with the previous one, or sent with the
previous token, is accepted until the setting with it is removed.
"""

import logging

from pydantic import SecretStr

from backend.core.settings import Settings

log = logging.getLogger("tofa")

_NAMES = ("secret_key_previous", "webhook_token_previous", "meta_app_secret_previous")


def signing_keys(settings: Settings) -> tuple[str, ...]:
    """Return the keys that valid tokens are signed with, the current one first."""
    return _both(settings.secret_key, settings.secret_key_previous)


def webhook_tokens(settings: Settings) -> tuple[str, ...]:
    """Return the tokens that the settings name for own forms; none, if there is no `WEBHOOK_TOKEN`.

    The previous one alone is none: then the installation's own token counts.
    """
    if not settings.webhook_token.get_secret_value():
        return ()
    return _both(settings.webhook_token, settings.webhook_token_previous)


def app_secrets(settings: Settings) -> tuple[str, ...]:
    """Return the app secrets with which Meta may sign; none, if there is no `META_APP_SECRET`."""
    if not settings.meta_app_secret.get_secret_value():
        return ()
    return _both(settings.meta_app_secret, settings.meta_app_secret_previous)


def warn(settings: Settings) -> None:
    """Warn at a start of each previous secret: it is valid until someone removes it."""
    for name in _NAMES:
        if getattr(settings, name).get_secret_value():
            log.warning(
                "%s is still valid. Remove it when nothing uses it any more: see docs/security.md",
                name.upper(),
            )


def _both(now: SecretStr, previous: SecretStr) -> tuple[str, ...]:
    """Return the secrets that are set, each once."""
    secrets = (now.get_secret_value(), previous.get_secret_value())
    return tuple(dict.fromkeys(secret for secret in secrets if secret))
