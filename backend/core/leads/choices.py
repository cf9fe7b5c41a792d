"""What a lead can be lost for, its age categories and its sources: the lists that team leads edit.

A center that has a list of its own offers that one, any other the list of all centers, and that is
the usual one until someone edits it. Lists say what is offered; what a lead has already it keeps,
and may be saved with. A reason that was ever in a list is accepted from clients that have an older
one: what someone records without a network must not be lost.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.access import Person, for_all_or_visible_to
from backend.core.database import pipeline
from backend.core.error_text import listed
from backend.core.errors import Invalid
from backend.core.leads import match_keys
from backend.models import Choice, ChoiceKind, Lead, Source
from backend.schemas.choices import OTHER_REASON, REASONS, ChoiceList, ChoiceLists, ChoiceOut

# The column of a lead that each list is for.
COLUMNS: dict[ChoiceKind, Any] = {
    ChoiceKind.LOST_REASON: Lead.lost_reason,
    ChoiceKind.AGE_GROUP: Lead.player_age_category,
    ChoiceKind.SOURCE: Lead.source,
}
# What counts until a team lead changes anything. Ages are what forms send.
USUAL: dict[ChoiceKind, tuple[str, ...]] = {
    ChoiceKind.LOST_REASON: tuple(one for one in REASONS if one != OTHER_REASON),
    ChoiceKind.AGE_GROUP: (),
    ChoiceKind.SOURCE: (),
}
# What ends a list in any case, and is no entry.
FIXED: dict[ChoiceKind, tuple[str, ...]] = {ChoiceKind.LOST_REASON: (OTHER_REASON,)}
# How a lead came in by itself. Of one that a person has added, they know more.
_CAME_IN = frozenset(Source) - {Source.MANUAL}
_SPELLING = """SELECT text FROM choice WHERE kind = 'age_group' AND folded = %s
    AND removed_at IS NULL AND place = CASE WHEN EXISTS (SELECT 1 FROM choice
        WHERE kind = 'age_group' AND place = %s AND removed_at IS NULL) THEN %s ELSE 0 END"""
# Whether any center spells an age in another way.
_OTHER_SPELLING = """SELECT 1 FROM choice WHERE kind = 'age_group' AND folded = %s
    AND removed_at IS NULL AND text <> %s"""


def fold(kind: str, text: str) -> str:
    """Return a text for comparison: capitals and spaces make no difference.

    For ages neither does how they are written: `U-9` and `Under 9` are one.
    """
    age = match_keys.age_key(text) if kind == ChoiceKind.AGE_GROUP else ""
    return age or " ".join(text.split()).casefold()


def live(session: Session, kind: str, center_id: int | None) -> Sequence[Choice]:
    """Return the entries of a place's own list, in order; none if it has no list of its own."""
    query = select(Choice).where(
        col(Choice.kind) == kind,
        col(Choice.place) == (center_id or 0),
        col(Choice.removed_at).is_(None),
    )
    return session.scalars(query.order_by(col(Choice.position), col(Choice.id))).all()


def offered(session: Session, kind: ChoiceKind, center_id: int | None) -> tuple[str, ...]:
    """Return what is offered for the leads of a center."""
    entries = (center_id and live(session, kind, center_id)) or live(session, kind, None)
    return tuple(one.text for one in entries) or USUAL[kind]


def show(session: Session, person: Person) -> ChoiceLists:
    """Return the lists of all centers, and those of the centers that a person sees."""
    query = select(Choice).where(
        col(Choice.removed_at).is_(None), for_all_or_visible_to(person, Choice.center_id)
    )
    found = session.scalars(
        query.order_by(col(Choice.kind), col(Choice.place), col(Choice.position), col(Choice.id))
    )
    own = {
        key: [ChoiceOut(id=one.id, text=one.text) for one in entries]
        for key, entries in groupby(found, key=lambda one: (one.kind, one.place))
    }
    places = sorted({place for _, place in own} | {0})
    return {
        "lists": [
            _list(kind, place, own.get((kind, place)))
            for kind in ChoiceKind
            for place in places
            if place == 0 or (kind, place) in own
        ]
    }


def _list(kind: ChoiceKind, place: int, entries: list[ChoiceOut] | None) -> ChoiceList:
    usual = [ChoiceOut(id=None, text=text) for text in USUAL[kind]]
    fixed = [ChoiceOut(id=None, text=text) for text in FIXED.get(kind, ())]
    return {
        "kind": kind.value,
        "center_id": place or None,
        "own": entries is not None,
        "entries": (usual if entries is None else entries) + fixed,
    }


def texts(session: Session, person: Person, kind: ChoiceKind) -> set[str]:
    """Return all entries that a person can choose, for the leads of any center."""
    query = select(col(Choice.text)).where(
        col(Choice.kind) == kind,
        col(Choice.removed_at).is_(None),
        for_all_or_visible_to(person, Choice.center_id),
    )
    return set(session.connection().scalars(query))


def check_reason(session: Session, lead: Lead, reason: str | None) -> None:
    """Check why a lead was lost: it may keep what it has. Raises `Invalid`."""
    if reason is None or reason == lead.lost_reason or reason in REASONS:
        return
    kind = ChoiceKind.LOST_REASON
    if not _was_offered(session, kind, lead.center_id, reason):
        reasons = (*offered(session, kind, lead.center_id), *FIXED[kind])
        raise Invalid.at("body", "lost_reason", type="enum", msg=f"Choose {listed(reasons)}")


def check_source(
    session: Session, center_id: int | None, source: str | None, was: str = Source.MANUAL
) -> str:
    """Return the source of a lead that a person adds or edits. Raises `Invalid`.

    Nothing, and `manual`, say that it was added by hand. `was` is the one that it has.
    """
    source = (source or "").strip() or Source.MANUAL.value
    if source == was:
        return source
    if was in _CAME_IN:
        text = "Only the source of a lead added by hand can be changed"
        raise Invalid.at("body", "source", msg=text)
    kind = ChoiceKind.SOURCE
    if source != Source.MANUAL and not _was_offered(session, kind, center_id, source):
        sources = (Source.MANUAL.value, *offered(session, kind, center_id))
        raise Invalid.at("body", "source", type="enum", msg=f"Choose {listed(sources)}")
    return source


def _was_offered(session: Session, kind: ChoiceKind, center_id: int | None, text: str) -> bool:
    """Return whether a text is or was in the list of a center, or in that of all."""
    query = select(col(Choice.id)).where(
        col(Choice.kind) == kind,
        col(Choice.place).in_((0, center_id or 0)),
        col(Choice.folded) == fold(kind, text),
        col(Choice.text) == text,
    )
    return session.connection().scalar(query.limit(1)) is not None


def spelled(session: Session, age: str | None, center_id: int | None) -> str | None:
    """Return an age as the list of a center spells it, or as it is."""
    if age is None:
        return None
    place = center_id or 0
    folded = fold(ChoiceKind.AGE_GROUP, age)
    (found,) = pipeline.run(session, (_SPELLING, (folded, place, place)))
    return str(found[0][0]) if found else age


def other_spelling(age: str | None) -> pipeline.Step:
    """Return the query that has a row if an age may have to be spelled in another way."""
    if age is None:
        return "SELECT 1 WHERE false", ()
    return _OTHER_SPELLING, (fold(ChoiceKind.AGE_GROUP, age), age)


class Spelling:
    """Spells the ages of many leads: the lists are read once."""

    def __init__(self, session: Session) -> None:
        query = select(col(Choice.place), col(Choice.folded), col(Choice.text)).where(
            col(Choice.kind) == ChoiceKind.AGE_GROUP, col(Choice.removed_at).is_(None)
        )
        self._lists: dict[int, dict[str, str]] = {}
        for place, folded, text in session.connection().execute(query):
            self._lists.setdefault(place, {})[folded] = text

    def of(self, age: str | None, center_id: int | None) -> str | None:
        """Return an age as the list of a center spells it, or as it is."""
        if age is None or not self._lists:
            return age
        entries = self._lists.get(center_id or 0) or self._lists.get(0, {})
        return entries.get(fold(ChoiceKind.AGE_GROUP, age), age)


def reasons_of_all(session: Session) -> tuple[str, ...]:
    """Return the reasons that any center offers, and `Other`, for files with leads of several."""
    kind = ChoiceKind.LOST_REASON
    query = (
        select(col(Choice.text))
        .where(
            col(Choice.kind) == kind,
            col(Choice.place) != 0,
            col(Choice.removed_at).is_(None),
        )
        .order_by(col(Choice.place), col(Choice.position), col(Choice.id))
    )
    of_centers = session.connection().scalars(query)
    return tuple(dict.fromkeys((*offered(session, kind, None), *of_centers, *FIXED[kind])))
