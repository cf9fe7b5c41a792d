"""WhatsApp texts: the input and output of their routes."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from backend.models import Status
from backend.schemas.fields import BodyId, Id, Name, Note, Schema

# What can stand in a text, in braces: the child's name, the lead's center, when its trial is, and
# the name of the person who sends the message.
PLACEHOLDERS = ("name", "center", "trial", "caller")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def _only_known(text: str) -> str:
    for found in PLACEHOLDER.finditer(text):
        if found[1] not in PLACEHOLDERS:
            *most, last = (f"{{{one}}}" for one in PLACEHOLDERS)
            raise PydanticCustomError(
                "placeholder",
                "{found} isn't a placeholder. Use {known}",
                {"found": found[0][:50], "known": f"{', '.join(most)} or {last}"},
            )
    return text


Label = Annotated[Name, StringConstraints(max_length=100)]
Message = Annotated[Note, AfterValidator(_only_known)]
_ANY_STATUS = "The status of the leads that it's offered for; null for any."
_ALL_CENTERS = "The center that it's for; null for all centers."


class NewMessageText(Schema):
    """A WhatsApp text to add, with `{name}`, `{center}`, `{trial}` and `{caller}` in it."""

    label: Label
    message: Message
    status: Status | None = Field(None, description=_ANY_STATUS)
    center_id: BodyId | None = Field(None, description=_ALL_CENTERS)


class MessageTextChange(Schema):
    """Changes to a WhatsApp text. Fields that are missing stay as they are."""

    label: Label | None = None
    message: Message | None = None
    status: Status | None = Field(None, description=_ANY_STATUS)
    center_id: BodyId | None = Field(None, description=_ALL_CENTERS)


class MessageTextId(Schema):
    """The path parameter of one WhatsApp text."""

    id: Id


class MessageTextOut(TypedDict):
    """A WhatsApp text. One of a center replaces the one of the same name for all centers."""

    id: int
    label: str
    message: str
    status: str | None
    center_id: int | None
    archived: bool


class FilledText(TypedDict):
    """A WhatsApp text for one lead, with what its placeholders stand for."""

    id: int
    label: str
    message: str
