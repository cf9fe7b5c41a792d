"""Aliases of centers: names in deliveries that no center has, and which center they mean.

A delivery may find its center unknown while a person adds the alias. Then one of the two waits for
the other, so that no delivery is left waiting for a known center.
"""

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.centers import Directory, fold
from backend.core.database import locks, upsert
from backend.core.errors import AliasNotFound, BadRequest, CenterNotFound
from backend.core.intake import deliveries
from backend.models import Center, CenterAlias, Delivery, DeliveryState
from backend.schemas.centers import AliasOut
from backend.schemas.intake import UnknownCenter

# How many different texts are listed; of more, those that came first.
_MOST_TEXTS = 1000
# The lock that adding a name holds alone, and that finding one unknown holds with others.
_NAMES = "names of centers"


class CenterKnown(BadRequest):
    """The text is the tag of another center, and can't be an alias."""

    def __init__(self, tag: str) -> None:
        super().__init__(f"A center is already called '{tag}'")


def find(session: Session, tag: str) -> int | None:
    """Return the center that a text means. An unknown one stays so until the transaction ends."""
    found = Directory.read(session).find(tag)
    if found is None and locks.hold(session, _NAMES, shared=True):
        found = Directory.read(session).find(tag)
    return found


def unknown(session: Session) -> list[UnknownCenter]:
    """Return the names that deliveries wait for, the most frequent first, whatever their case."""
    query = (
        select(
            col(Delivery.center_text),
            func.count(),
            func.min(col(Delivery.received_at)).label("oldest"),
        )
        .where(*_waiting())
        .group_by(col(Delivery.center_text))
        .order_by(func.min(col(Delivery.id)))
        .limit(_MOST_TEXTS)
    )
    found: dict[str, UnknownCenter] = {}
    for tag, count, oldest in session.connection().execute(query):
        assert tag is not None
        one = found.setdefault(fold(tag), {"text": tag, "count": 0, "oldest": oldest})
        one["count"] += count
        one["oldest"] = min(one["oldest"], oldest)
    return sorted(found.values(), key=lambda one: -one["count"])


def add(session: Session, by: Person, tag: str, center_id: int) -> int:
    """Remember which center a text means. Returns how many deliveries are processed now.

    An existing alias is changed, for what comes later. Raises `CenterNotFound` and
    `CenterKnown`.
    """
    locks.hold(session, _NAMES)
    if session.get(Center, center_id) is None:
        raise CenterNotFound
    tags = session.execute(select(col(Center.id), col(Center.meta_tag_name))).all()
    if Directory((id or 0, known) for id, known in tags).find(tag) is not None:
        raise CenterKnown(tag)
    said = {"text": tag, "center_id": center_id, "created_at": times.now(), "created_by": by.id}
    statement = upsert.insert(session, CenterAlias).values(key=fold(tag), **said)
    session.connection().execute(statement.on_conflict_do_update(index_elements=["key"], set_=said))
    return _let_through(session, tag)


def of_center(session: Session, center_id: int) -> list[AliasOut]:
    """Return the aliases of a center. Raises `CenterNotFound`."""
    if session.get(Center, center_id) is None:
        raise CenterNotFound
    query = select(CenterAlias).where(col(CenterAlias.center_id) == center_id)
    return [
        {"text": alias.text, "created_at": alias.created_at}
        for alias in session.scalars(query.order_by(col(CenterAlias.key)))
    ]


def remove(session: Session, center_id: int, tag: str) -> None:
    """Remove an alias; the leads that came by it stay. Raises `AliasNotFound`."""
    alias = session.get(CenterAlias, fold(tag))
    if alias is None or alias.center_id != center_id:
        raise AliasNotFound
    session.delete(alias)


def center_made(session: Session, tag: str) -> int:
    """Process the deliveries that waited for a new center. Returns how many."""
    locks.hold(session, _NAMES)
    return _let_through(session, tag)


def _let_through(session: Session, tag: str) -> int:
    key = fold(tag)
    waiting = select(col(Delivery.center_text)).where(*_waiting()).distinct()
    texts = [one for one in session.scalars(waiting) if one is not None and fold(one) == key]
    if not texts:
        return 0
    return deliveries.reopen(session, *_waiting(), col(Delivery.center_text).in_(texts))


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return (
        col(Delivery.state) == DeliveryState.WAITING,
        col(Delivery.reason) == deliveries.UNKNOWN_CENTER,
        col(Delivery.center_text).is_not(None),
    )
