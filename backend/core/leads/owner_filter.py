"""Whose leads a list has: the filter by owner, as it is sent and as a condition."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, literal_column, or_
from sqlmodel import col

from backend.core.errors import Invalid
from backend.models import Lead
from backend.schemas.fields import MAX_ID

# Among owners, whose ids begin at 1: the person who asks.
ME = 0
# SQLite uses the indexes over leads with an owner only for the indexes' own words.
IS_OWNED: ColumnElement[bool] = literal_column("lead.owner_id IS NOT NULL")
IS_OPEN: ColumnElement[bool] = literal_column(
    "(lead.status <> 'Joined' AND lead.status <> 'Dead/Not Interested')"
)


def read_person(text: str) -> int | None:
    """Return the id of a person, or `ME` for the one who asks; None for what is neither."""
    if text == "me":
        return ME
    is_id = text.isascii() and text.isdigit() and 0 < int(text) <= MAX_ID
    return int(text) if is_id else None


def parse(text: str | None) -> tuple[int | None, ...]:
    """Return ids of people, None for nobody and `ME` for the person who asks. Raises `Invalid`."""
    ids: list[int | None] = []
    for one in filter(None, (part.strip() for part in (text or "").split(","))):
        person = read_person(one)
        if person is None and one != "none":
            msg = "Use me, none or ids of people, separated by commas"
            raise Invalid.at("query", "owner", msg=msg)
        ids.append(person)
    return tuple(ids)


def of_owners(ids: Sequence[int | None], me: int) -> ColumnElement[bool]:
    """Return the condition that leads belong to some people; `me` is the person who asks."""
    owner = col(Lead.owner_id)
    known = owner.in_([me if id == ME else id for id in ids if id is not None])
    return or_(known, owner.is_(None)) if None in ids else known
