"""The values of settings: what is a good one."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from backend.core import secret_key
from backend.schemas.fields import check_retry_plan

SHORTEST_METRICS_TOKEN = 16
# The ports that browsers leave out of an origin.
_PORTS = {"http": 80, "https": 443}


def _words(value: object) -> object:
    return (
        [word for word in value.replace(",", " ").split() if word]
        if isinstance(value, str)
        else value
    )


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError("zone", "Use a time zone such as Asia/Kolkata") from error
    return value


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        plain = not (parts.username or parts.password or parts.query or parts.fragment)
        # Reading `port` raises `ValueError` if the port is invalid.
        usable = parts.port != 0
    except ValueError:
        return False
    return bool(parts.scheme in ("http", "https") and parts.hostname and plain and usable)


def _web_address(example: str, *, optional: bool = False) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not (_is_web_address(value) or (optional and not value)):
            raise PydanticCustomError("web_address", f"Use an address such as {example}")
        return value

    return check


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_origin, values))


def _origin(value: str) -> str:
    """Return an origin as browsers send it (HTML, section 7.1.1): in lower case, without a path."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        pass
    else:
        is_bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
        if parts.scheme and host and is_bare and "*" not in host:
            host = f"[{host}]" if ":" in host else host
            is_default = port is None or port == _PORTS.get(parts.scheme)
            return f"{parts.scheme}://{host}" + ("" if is_default else f":{port}")
    raise PydanticCustomError(
        "origin", "Use addresses such as https://app.example.com, without a path and without *"
    )


def _is_mail_server(value: str) -> bool:
    try:
        parts = urlsplit(value)
        usable = parts.port != 0
    except ValueError:
        return False
    return parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and usable


def _mail_server(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text and not _is_mail_server(text):
        raise PydanticCustomError(
            "mail_server", "Use an address such as smtp://user:password@mail.example.com:587"
        )
    return value


def _metrics_token(value: SecretStr) -> SecretStr:
    if 0 < len(value.get_secret_value()) < SHORTEST_METRICS_TOKEN:
        raise PydanticCustomError("token", f"Use at least {SHORTEST_METRICS_TOKEN} characters")
    return value


def _previous_key(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text and len(text.encode()) < secret_key.SHORTEST:
        raise PydanticCustomError(
            "weak_key",
            "Leave it out: anyone can guess a key of less than 32 characters. Everyone signs in "
            "again",
        )
    return value


Days = Annotated[int, Field(ge=1, le=36_500)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_origins)]
RetryPlan = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(check_retry_plan)
]
ZoneName = Annotated[str, AfterValidator(_zone)]
GraphAddress = Annotated[str, AfterValidator(_web_address("https://graph.facebook.com"))]
PublicAddress = Annotated[
    str, AfterValidator(_web_address("https://crm.example.com", optional=True))
]
MailServer = Annotated[SecretStr, AfterValidator(_mail_server)]
MetricsToken = Annotated[SecretStr, AfterValidator(_metrics_token)]
PreviousKey = Annotated[SecretStr, AfterValidator(_previous_key)]
