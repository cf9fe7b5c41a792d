"""What an upload answers."""

from typing import NotRequired

from typing_extensions import TypedDict


class Note(TypedDict):
    """What is to say of one row, by the number that the spreadsheet program shows."""

    row: int
    reason: str


class Imported(TypedDict):
    """The answer to an upload that went through."""

    status: str
    leads_added: int
    already_here: NotRequired[int]
    warnings: NotRequired[list[Note]]
    rejected: NotRequired[list[Note]]


class UnknownCenters(TypedDict):
    """The answer to an upload that names a center that no one knows: nothing is added."""

    status: str
    message: str
    unknown_tags: list[str]
