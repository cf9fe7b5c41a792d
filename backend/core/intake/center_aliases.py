"""Aliases of centers: names in deliveries that no center has, and which center they mean.

A delivery may find its center unknown while a person adds the alias. Then one of the two waits for
the other, so that no delivery is left waiting for a known center.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.center_keys import center_key
from backend.core.centers import Directory, hold_names
from backend.core.database import bulk_insert, upsert
from backend.core.errors import AliasNotFound, BadRequest, CenterNotFound, Conflict, Invalid
from backend.core.intake import deliveries, similar_centers
from backend.core.leads.matching import Placed, Verdict
from backend.core.reasons import ReasonCode
from backend.models import AliasedLead, Center, CenterAlias, Delivery, DeliveryState
from backend.schemas.centers import AliasOut, MatchedName
from backend.schemas.intake import UnknownCenter

# How many different texts are listed; of more, those that came first.
_MOST_TEXTS = 1000
# In characters: a longer answer isn't the name of a center.
_LONGEST_NAME = 200
# The lead is a new one, and its center is the one that was found.
_NEW = (Verdict.CREATE, Verdict.SIBLING)


class CenterKnown(BadRequest):
    """The text is the tag of another center, and can't be an alias."""

    def __init__(self, tag: str) -> None:
        super().__init__(f"A center is already called '{tag}'")


class CenterArchived(Conflict):
    """The center gets no new leads."""

    detail = "This center is archived. Restore it, or choose another one"


class Finder:
    """Finds the center that a text means, and whether an alias says so."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.alias_key: str | None = None

    def __call__(self, text: str) -> int | None:
        """Return the center's id. An unknown one stays so until the transaction ends."""
        directory = Directory.read(self._session)
        found = directory.find(text)
        if found is None and hold_names(self._session, shared=True):
            directory = Directory.read(self._session)
            found = directory.find(text)
        self.alias_key = None if found is None else directory.alias_of(text)
        return found

    def among(self, texts: Iterable[str]) -> int | None:
        """Return the center that some of the texts name, if they name only one."""
        directory = Directory.read(self._session)
        found = {
            id: text
            for text in texts
            if len(text) <= _LONGEST_NAME and (id := directory.find(text)) is not None
        }
        if len(found) != 1:
            return None
        ((id, text),) = found.items()
        self.alias_key = directory.alias_of(text)
        return id


def find(session: Session, tag: str) -> int | None:
    """Return the center that a text means. An unknown one stays so until the transaction ends."""
    return Finder(session)(tag)


def note_alias(session: Session, placed: Placed, alias_key: str | None) -> None:
    """Remember that a new lead has its center by an alias."""
    if alias_key is not None and placed.verdict in _NEW:
        new = upsert.insert(session, AliasedLead)
        # On SQLite, scripts may give the id of a lead that was removed to another one.
        said = {"alias_key": alias_key}
        statement = new.values(lead_id=placed.lead_id, **said).on_conflict_do_update(
            index_elements=["lead_id"], set_=said
        )
        session.connection().execute(statement)


def note_aliases(session: Session, named: Sequence[tuple[int, str]]) -> None:
    """Remember those of many new leads that have their center by an alias, by the text for it."""
    directory = Directory.read(session)
    aliases = {text: directory.alias_of(text) for text in {text for _, text in named}}
    rows = [(id, aliases[text]) for id, text in named if aliases[text] is not None]
    bulk_insert.insert(session, "aliasedlead", ("lead_id", "alias_key"), rows)


def why_unknown(session: Session, text: str) -> ReasonCode:
    """Return why no center is found by a text: no center has this name, or an archived one."""
    is_archived = Directory.read(session).find_archived(text) is not None
    return ReasonCode.ARCHIVED_CENTER if is_archived else ReasonCode.UNKNOWN_CENTER


def if_open(session: Session, center_id: int | None) -> int | None:
    """Return the id of a center that gets new leads, or None if it is archived."""
    if center_id is None:
        return None
    query = select(col(Center.id)).where(
        col(Center.id) == center_id, col(Center.archived_at).is_(None)
    )
    return session.scalar(query)


def check_open(session: Session, center_id: int) -> None:
    """Check that a center gets new leads, and will until the transaction ends.

    Raises `CenterNotFound` and `CenterArchived`.
    """
    hold_names(session, shared=True)
    center = session.get(Center, center_id)
    if center is None:
        raise CenterNotFound
    if center.archived_at is not None:
        raise CenterArchived


def unknown(session: Session) -> list[UnknownCenter]:
    """Return the names that deliveries wait for, the most frequent first, however written."""
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
    directory = Directory.read(session)
    for tag, count, oldest in session.connection().execute(query):
        assert tag is not None
        one = found.setdefault(
            center_key(tag),
            {
                "text": tag,
                "count": 0,
                "oldest": oldest,
                "similar": [],
                "archived_center_id": directory.find_archived(tag),
            },
        )
        one["count"] += count
        one["oldest"] = min(one["oldest"], oldest)
    listed = sorted(found.values(), key=lambda one: -one["count"])
    similar_centers.add(session, listed)
    return listed


def add(session: Session, by: Person, tag: str, center_id: int) -> int:
    """Remember which center a text means. Returns how many deliveries are processed now.

    An existing alias is changed, for what comes later. Raises `CenterNotFound`, `CenterArchived`,
    `CenterKnown`, and `Invalid` for a text of which nobody sees anything.
    """
    hold_names(session)
    check_open(session, center_id)
    if not center_key(tag):
        raise Invalid.at("body", "text", msg="Enter a name")
    tags = session.execute(
        select(col(Center.id), col(Center.meta_tag_name)).where(col(Center.archived_at).is_(None))
    ).all()
    if Directory((id or 0, known) for id, known in tags).find(tag) is not None:
        raise CenterKnown(tag)
    said = {"text": tag, "center_id": center_id, "created_at": times.now(), "created_by": by.id}
    statement = upsert.insert(session, CenterAlias).values(key=center_key(tag), **said)
    session.connection().execute(statement.on_conflict_do_update(index_elements=["key"], set_=said))
    return let_through(session, tag)


def of_center(session: Session, center_id: int) -> list[AliasOut]:
    """Return the aliases of a center. Raises `CenterNotFound`."""
    if session.get(Center, center_id) is None:
        raise CenterNotFound
    query = select(CenterAlias).where(col(CenterAlias.center_id) == center_id)
    return [
        {"text": alias.text, "created_at": alias.created_at}
        for alias in session.scalars(query.order_by(col(CenterAlias.key)))
    ]


def list_all(session: Session) -> list[MatchedName]:
    """Return the aliases of all centers, the newest first."""
    newest = select(CenterAlias).order_by(col(CenterAlias.created_at).desc(), col(CenterAlias.key))
    return [
        {"text": alias.text, "center_id": alias.center_id, "created_at": alias.created_at}
        for alias in session.scalars(newest.limit(_MOST_TEXTS))
    ]


def remove(session: Session, center_id: int, tag: str) -> None:
    """Remove an alias; the leads that came by it stay. Raises `AliasNotFound`."""
    alias = session.get(CenterAlias, center_key(tag))
    if alias is None or alias.center_id != center_id:
        raise AliasNotFound
    session.delete(alias)


def center_made(session: Session, tag: str) -> int:
    """Process the deliveries that waited for a new center. Returns how many."""
    hold_names(session)
    return let_through(session, tag)


def let_through(session: Session, *tags: str) -> int:
    """Process the deliveries that waited for centers with these names. Returns how many."""
    keys = {center_key(tag) for tag in tags}
    waiting = select(col(Delivery.center_text)).where(*_waiting()).distinct()
    texts = [
        text
        for text in session.scalars(waiting)
        if text is not None and (text in tags or center_key(text) in keys)
    ]
    if not texts:
        return 0
    return deliveries.reopen(session, *_waiting(), col(Delivery.center_text).in_(texts))


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return (
        col(Delivery.state) == DeliveryState.WAITING,
        col(Delivery.reason).in_(deliveries.UNKNOWN_CENTERS),
        col(Delivery.center_text).is_not(None),
    )
