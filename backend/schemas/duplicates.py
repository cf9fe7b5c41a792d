"""Possible duplicates: the input and output of their routes."""

from datetime import datetime
from typing import NamedTuple, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from backend.schemas.fields import BodyId, Id, Schema


class DuplicateFilter(Schema):
    """The query for a page of pairs, newest first: by the second id, then by the first."""

    before_second_id: Id | None = Field(
        None, description="`second.id` of the last pair on the previous page."
    )
    before_first_id: Id | None = Field(
        None, description="`first.id` of the last pair on the previous page."
    )
    limit: int = Field(50, ge=1, le=500)


class PossibleDuplicate(TypedDict):
    """One lead of a pair."""

    id: int
    created_time: datetime
    player_name: str | None
    phone: str | None
    status: str
    center_id: int | None
    phone_shown: str | None


class LikelyReason(TypedDict):
    """Why two leads may be duplicates."""

    code: str
    message: str


class DuplicatePair(TypedDict):
    """Two leads that may be duplicates, and why. `email` is that of the second, newer one."""

    email: str | None
    first: PossibleDuplicate
    second: PossibleDuplicate
    reasons: list[LikelyReason]


class Page(NamedTuple):
    """A page of pairs, and where the next one begins: after the second and the first id."""

    pairs: list[DuplicatePair]
    next: tuple[int, int] | None


class NotDuplicates(Schema):
    """Two leads that aren't duplicates, in either order."""

    first_id: BodyId
    second_id: BodyId

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.first_id == self.second_id:
            raise PydanticCustomError("same_lead", "Choose two different leads")
        return self
