"""The types of input values, with their limits."""

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

# `serial` ids are signed 32-bit integers.
MAX_ID = 2**31 - 1


class Schema(BaseModel):
    """The base class of all input. Unknown fields are ignored, which existing clients rely on."""

    model_config = ConfigDict(frozen=True)
    # The query parameters that can be repeated. Of any other, the last value counts.
    repeated: ClassVar[frozenset[str]] = frozenset()


def no_nul(text: str) -> str:
    """Return a text. Raises `PydanticCustomError` for one that PostgreSQL can't store."""
    if "\0" in text:
        raise PydanticCustomError("nul", "Remove the NUL character")
    return text


# RFC 5321, section 4.5.3.1.3: a path has at most 256 octets, including two angle brackets.
_LONGEST_EMAIL = 254


def _email(typed: str) -> str:
    """Return an email with its letters of full width as plain ones: mail goes to these alone."""
    text = unicodedata.normalize("NFKC", typed).strip()
    name, at, domain = text.rpartition("@")
    is_whole = name and at and domain and len(text) <= _LONGEST_EMAIL
    if not is_whole or any(c.isspace() or not c.isprintable() for c in text):
        raise PydanticCustomError("email", "Enter an email such as name@example.com")
    return text


def _written(kind: Literal["date_type", "datetime_type"]) -> BeforeValidator:
    """Return a check that refuses seconds since 1970, also as text, which Pydantic reads."""

    def check(value: object) -> object:
        text = value.strip() if isinstance(value, str) else ""
        if isinstance(value, (bool, int, float)) or text.lstrip("+-").replace(".", "").isdigit():
            raise PydanticKnownError(kind)
        return value

    return BeforeValidator(check)


# Minutes, hours or days.
_WAIT = re.compile(r"[1-9]\d{0,2}[mhd]", re.ASCII)
MOST_TRIES = 20


def check_retry_plan(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return a retry plan. Raises `PydanticCustomError` for one that makes no sense."""
    if not 0 < len(value) <= MOST_TRIES or not all(map(_WAIT.fullmatch, value)):
        raise PydanticCustomError("retry_plan", "Use waits such as 30m, 4h and 1d, up to 20")
    return value


RetryPlan = Annotated[tuple[str, ...], AfterValidator(check_retry_plan)]
# A day, and a moment, in a JSON body: texts in ISO format.
Day = Annotated[date, _written("date_type")]
Moment = Annotated[datetime, _written("datetime_type")]
# An id in a path or a query, which is a text there.
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
# One in a JSON body: neither `true` nor a text is a number.
BodyId = Annotated[int, Field(strict=True, ge=1, le=MAX_ID)]
Line = Annotated[str, StringConstraints(max_length=500), AfterValidator(no_nul)]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(no_nul),
]
Prose = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(no_nul)]
# What someone can send as a message: longer ones make links that are too long.
Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000),
    AfterValidator(no_nul),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=_LONGEST_EMAIL),
    AfterValidator(_email),
]
# Longer than the password rules allow, so that those rules report the limit.
Password = Annotated[str, StringConstraints(max_length=4096)]
