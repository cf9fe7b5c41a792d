"""Team leads edit the lists of lost reasons, age categories and sources.

What is removed or renamed stays as a removed entry, so that it's accepted from clients that still
offer it. Added again, it is that entry again.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import locks
from backend.core.errors import ChoiceNotFound, Conflict, Invalid
from backend.core.leads import choices
from backend.core.leads.choices import FIXED, USUAL, fold
from backend.models import Center, Choice, ChoiceKind, Source
from backend.schemas.choices import (
    MOST,
    ChoiceChange,
    ChoiceOrder,
    ChoiceOut,
    NewChoice,
    OwnList,
)

# Held while a list is edited, so that two people don't start one list at once.
_LOCK = "choices"
# What filters use for leads without any.
_NONE = "none"


class ChoiceTaken(Conflict):
    """The list has this entry already."""

    detail = "This entry is already in the list. Enter another one"


class LastChoice(Conflict):
    """The entry is the last one, and a list needs at least one."""

    detail = "A list needs at least one entry. You can go back to the default list instead"


class ListChanged(Conflict):
    """The entries aren't those that a person has seen."""

    detail = "Someone else changed this list. Reload it, then change the order"


def add(session: Session, new: NewChoice) -> Choice:
    """Add an entry to a place's list. Raises `ChoiceTaken` and `Invalid`."""
    entries = _to_edit(session, new.kind, new.center_id)
    _check(new.kind, new.text, entries)
    if len(entries) >= MOST:
        raise Invalid.at("body", "text", msg=f"A list can have at most {MOST} entries")
    return _put(session, new.kind, new.center_id, new.text, _next_position(entries))


def rename(session: Session, choice_id: int, given: ChoiceChange) -> tuple[Choice, str]:
    """Give an entry another text; return it, and its old text.

    Raises `ChoiceNotFound`, `ChoiceTaken` and `Invalid`.
    """
    locks.hold(session, _LOCK)
    choice = find(session, choice_id)
    was = choice.text
    if given.text is None or given.text == was:
        return choice, was
    kind = ChoiceKind(choice.kind)
    entries = choices.live(session, kind, choice.center_id)
    _check(kind, given.text, [one for one in entries if one is not choice])
    for old in _removed(session, choice, fold(kind, given.text)):
        session.delete(old)
    folded = choice.folded
    choice.text, choice.folded = given.text, fold(kind, given.text)
    choice.key = _key(choice)
    if choice.folded != folded and not _removed(session, choice, folded):
        session.add(
            Choice(
                kind=kind,
                place=choice.place,
                center_id=choice.center_id,
                text=was,
                folded=folded,
                position=choice.position,
                removed_at=times.now(),
            )
        )
    session.flush()
    return choice, was


def remove(session: Session, choice_id: int) -> Choice:
    """Remove an entry from its list, but not from leads. Raises `ChoiceNotFound`, `LastChoice`."""
    locks.hold(session, _LOCK)
    choice = find(session, choice_id)
    kind = ChoiceKind(choice.kind)
    is_last = len(choices.live(session, kind, choice.center_id)) == 1
    if is_last and (choice.center_id is not None or USUAL[kind]):
        raise LastChoice
    _remove(choice)
    session.flush()
    return choice


def reorder(session: Session, order: ChoiceOrder) -> None:
    """Put the entries of a list in another order. Raises `ListChanged`."""
    locks.hold(session, _LOCK)
    by_id = {one.id: one for one in choices.live(session, order.kind, order.center_id)}
    if len(order.ids) != len(by_id) or {*order.ids} != by_id.keys():
        raise ListChanged
    for position, id in enumerate(order.ids):
        by_id[id].position = position
    session.flush()


def set_own(session: Session, wanted: OwnList) -> None:
    """Give a place its own list, or the default one. Raises `Invalid` for an unknown center."""
    if wanted.own:
        _to_edit(session, wanted.kind, wanted.center_id)
        return
    locks.hold(session, _LOCK)
    for one in choices.live(session, wanted.kind, wanted.center_id):
        _remove(one)
    session.flush()


def find(session: Session, choice_id: int) -> Choice:
    """Return an entry that isn't removed. Raises `ChoiceNotFound`."""
    choice = session.get(Choice, choice_id, populate_existing=True)
    if choice is None or choice.removed_at is not None:
        raise ChoiceNotFound
    return choice


def show(choice: Choice) -> ChoiceOut:
    """Return an entry as the API shows it."""
    return {"id": choice.id, "text": choice.text}


def _to_edit(session: Session, kind: ChoiceKind, center_id: int | None) -> list[Choice]:
    """Return the entries of a list, which first gets those that count there if it has none."""
    locks.hold(session, _LOCK)
    if center_id is not None and session.get(Center, center_id) is None:
        raise Invalid.at("body", "center_id", msg="Choose a center")
    entries = list(choices.live(session, kind, center_id))
    return entries or [
        _put(session, kind, center_id, text, position)
        for position, text in enumerate(choices.offered(session, kind, center_id))
    ]


def _put(
    session: Session, kind: ChoiceKind, center_id: int | None, text: str, position: int
) -> Choice:
    """Add an entry, or take a removed one of that text back."""
    wanted = Choice(
        kind=kind,
        place=center_id or 0,
        center_id=center_id,
        text=text,
        folded=fold(kind, text),
        position=position,
    )
    choice = next(iter(_removed(session, wanted, wanted.folded)), wanted)
    choice.text, choice.position, choice.removed_at = text, position, None
    choice.key = _key(choice)
    session.add(choice)
    session.flush()
    return choice


def _removed(session: Session, like: Choice, folded: str) -> Sequence[Choice]:
    query = select(Choice).where(
        col(Choice.kind) == like.kind,
        col(Choice.place) == like.place,
        col(Choice.folded) == folded,
        col(Choice.removed_at).is_not(None),
    )
    with session.no_autoflush:
        return session.scalars(query.order_by(col(Choice.id))).all()


def _remove(choice: Choice) -> None:
    choice.removed_at, choice.key = times.now(), None


def _check(kind: ChoiceKind, text: str, others: Sequence[Choice]) -> None:
    """Raise `Invalid` for a text that means something else, `ChoiceTaken` if another has it."""
    folded = fold(kind, text)
    codes = tuple(Source) if kind is ChoiceKind.SOURCE else ()
    taken = {fold(kind, one) for one in (_NONE, *codes, *FIXED.get(kind, ()))}
    if folded in taken:
        raise Invalid.at("body", "text", msg="This name already has a meaning. Enter another one")
    if kind is ChoiceKind.SOURCE and "," in text:
        raise Invalid.at("body", "text", msg="Enter a source without a comma")
    if any(one.folded == folded for one in others):
        raise ChoiceTaken


def _key(choice: Choice) -> str:
    return f"{choice.kind} {choice.place} {choice.folded}"


def _next_position(entries: Sequence[Choice]) -> int:
    return max((one.position for one in entries), default=-1) + 1
