"""The values of settings: what is a good one."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode


def is_web_address(value: str) -> bool:
    """Return whether a text is the address of a host, without a query or a password."""
    try:
        parts = urlsplit(value)
        plain = not (parts.username or parts.password or parts.query or parts.fragment)
        # Reading `port` raises `ValueError` if the port is invalid.
        usable = parts.port != 0
    except ValueError:
        return False
    return bool(parts.scheme in ("http", "https") and parts.hostname and plain and usable)


def is_mail_server(value: str) -> bool:
    """Return whether a text is the address of a mail server."""
    try:
        parts = urlsplit(value)
        usable = parts.port != 0
    except ValueError:
        return False
    return parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and usable


def _words(value: object) -> object:
    return (
        [word for word in value.replace(",", " ").split() if word]
        if isinstance(value, str)
        else value
    )


Days = Annotated[int, Field(ge=1, le=36_500)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
