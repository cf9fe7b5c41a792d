"""What a person has done lately, and the undo of an edit: the input and output of their routes."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from backend.schemas.fields import Id, Line, Schema
from backend.schemas.leads import LeadDetail

Kind = Literal["call", "edit", "bulk", "list", "merge"]
WhyNot = Literal["undone", "changed", "merged", "gone"]


class EditedLead(LeadDetail):
    """A lead after an edit; `edit_id` undoes it, and is null if there is nothing to undo."""

    edit_id: int | None


class EditId(Schema):
    """The path parameters of an edit."""

    id: Id
    edit_id: Id


class UndoneEdit(TypedDict):
    """The id of an edit that was undone, and the lead as it's now."""

    id: int
    lead: LeadDetail


class ActionsQuery(Schema):
    """The query for one page of what one has done."""

    limit: int = Field(50, ge=1, le=100)
    after: Line | None = Field(None, description="`next` of the previous page.")


class Action(TypedDict):
    """What a person has done (UTC), and whether it can be undone.

    `id` is that of the call, the edit, the bulk edit, the change of a whole list or the merge.
    `lead_id` and `name` are those of the lead: null if it was about several, and for a lead that
    the person can't see any more. `leads` is how many leads it was about. `fields` are those
    that it has changed, and `to` has their new values, without what is personal. `why_not` is why
    it can't be undone: it is `undone` already, the lead was `changed` since, was `merged`, or is
    `gone` for this person.
    """

    kind: Kind
    id: int
    at: datetime
    lead_id: int | None
    name: str | None
    leads: int
    outcome: str | None
    fields: list[str]
    to: dict[str, Any]
    can_undo: bool
    why_not: WhyNot | None


class Actions(TypedDict):
    """A page of actions, the newest first; `next` gets the following page."""

    actions: list[Action]
    next: str | None
