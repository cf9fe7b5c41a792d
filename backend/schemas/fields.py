"""The kinds of values that come in, each with its bounds."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

# `serial` ids are signed integers of 32 bits.
MAX_ID = 2**31 - 1


class Schema(BaseModel):
    """What comes in. Fields that are not known are passed over, as they always were."""

    model_config = ConfigDict(frozen=True)
    # Of a query: the fields of which each that is repeated counts, and not the last alone.
    repeated: ClassVar[frozenset[str]] = frozenset()


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "Remove the NUL character")
    return text


def _email(text: str) -> str:
    name, at, domain = text.rpartition("@")
    if not (name and at and domain) or any(c.isspace() or not c.isprintable() for c in text):
        raise PydanticCustomError("email", "Enter an email such as name@example.com")
    return text


Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Line = Annotated[str, StringConstraints(max_length=500), AfterValidator(_no_nul)]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(_no_nul),
]
Prose = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_no_nul)]
# RFC 5321, section 4.5.3.1.3: a path has at most 256 octets, two of them its angle brackets.
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_email)
]
# Longer than a password may be, so that the rule about passwords can say so itself.
Password = Annotated[str, StringConstraints(max_length=4096)]
