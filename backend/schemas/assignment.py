"""Assignment rules: the input and output of the routes."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from backend.models import Source
from backend.schemas.fields import BodyId, Id, Name, Schema

MOST_PEOPLE = 50
_Text = Annotated[Name, StringConstraints(max_length=500)]
_Texts = Annotated[list[_Text], Field(max_length=50)]


class Conditions(Schema):
    """Which leads a rule is for: those that meet all of it. An empty list lets any value pass.

    A lead has to come by one of `sources` or from one of `platforms`. `answers` are answers to
    `question`, one of which it must have given.
    """

    sources: list[Source] = Field(default_factory=list, max_length=len(Source))
    platforms: list[Literal["fb", "ig"]] = Field(default_factory=list, max_length=2)
    campaigns: _Texts = Field(default_factory=list)
    age_categories: _Texts = Field(default_factory=list)
    question: _Text | None = None
    answers: _Texts = Field(default_factory=list)

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.question is None) != (not self.answers):
            raise PydanticCustomError("answers", "Enter both a question and its answers")
        return self


class NewShare(Schema):
    """A person who gets leads by a rule, how many compared to the others, and at most how many."""

    user_id: BodyId
    weight: Annotated[int, Field(strict=True, ge=1, le=10)] = 1
    cap: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = Field(
        None, description="The most leads a day, in the academy's zone; null for no limit."
    )


def _once(shares: list[NewShare]) -> list[NewShare]:
    if len({one.user_id for one in shares}) < len(shares):
        raise PydanticCustomError("shares", "Name each person once")
    return shares


Shares = Annotated[
    list[NewShare], Field(min_length=1, max_length=MOST_PEOPLE), AfterValidator(_once)
]


class NewRule(Schema):
    """A new rule, which comes after the other rules of its center."""

    center_id: BodyId | None = Field(None, description="Null for all centers.")
    conditions: Conditions = Field(default_factory=Conditions)
    shares: Shares


class RuleChange(Schema):
    """Changes to a rule. Fields that are missing stay as they are."""

    conditions: Conditions | None = None
    shares: Shares | None = Field(
        None, description="All people of the rule. Those who stay keep their turn."
    )
    active: Annotated[bool, Field(strict=True)] | None = None


class RuleOrder(Schema):
    """The rules of a center, or of all, in the order in which they are asked."""

    center_id: BodyId | None = Field(None, description="Null for the rules of all centers.")
    rule_ids: list[BodyId] = Field(max_length=500)


class RuleId(Schema):
    """The path parameter of one rule."""

    id: Id


class ConditionsOut(TypedDict):
    """Which leads a rule is for; an empty list lets any value pass."""

    sources: list[str]
    platforms: list[str]
    campaigns: list[str]
    age_categories: list[str]
    question: str | None
    answers: list[str]


class ShareOut(TypedDict):
    """A person's share of a rule, and how many leads they have got by it today."""

    user_id: int
    weight: int
    cap: int | None
    given_today: int


class RuleOut(TypedDict):
    """A rule that says who gets new leads, of one center or of all (null)."""

    id: int
    center_id: int | None
    conditions: ConditionsOut
    shares: list[ShareOut]
    active: bool
    since: datetime
