"""The academy's centers."""

from collections.abc import Iterable

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.core import installation
from backend.core.center_keys import center_key
from backend.core.database import locks
from backend.core.errors import BadRequest, CenterNotFound, Conflict, Invalid
from backend.core.vocabulary.synonyms import CENTER_COLUMN as CENTER_COLUMN
from backend.models import Center, CenterAlias
from backend.schemas.centers import CenterChange, CenterOut, NewCenter

# The lock that changing a name holds alone, and that finding one unknown holds with others.
_NAMES = "names of centers"
_KEYS = {"display_name": "name_key", "meta_tag_name": "tag_key"}


class CenterTaken(BadRequest):
    """Another center already has this name in forms and spreadsheets."""

    def __init__(self, tag: str, state: str = "") -> None:
        super().__init__(f"Center with meta tag '{tag}' already exists{state}")


class CenterNameTaken(BadRequest):
    """Another center is already called so."""

    def __init__(self, name: str, state: str = "") -> None:
        super().__init__(f"A center called '{name}' already exists{state}")


class CenterMerged(Conflict):
    """The center was merged into another one."""

    detail = "This center was merged into another one. Undo the merge first"


def hold_names(session: Session, *, shared: bool = False) -> bool:
    """Let no one change a center's names until the transaction ends; several may hold it `shared`.

    Returns False where there is no need.
    """
    return locks.hold(session, _NAMES, shared=shared)


def list_all(session: Session) -> list[CenterOut]:
    """Return all centers, in the order of their ids."""
    query = select(Center).order_by(col(Center.id))
    return [show(center) for center in session.scalars(query)]


def create(session: Session, new: NewCenter) -> CenterOut:
    """Add a center. Raises `CenterTaken`, `CenterNameTaken` and `Invalid`."""
    hold_names(session)
    center = Center(**new.model_dump())
    _check_names(session, None, center.display_name, center.meta_tag_name)
    center.name_key = center_key(center.display_name)
    center.tag_key = center_key(center.meta_tag_name)
    session.add(center)
    _flush(session, new.meta_tag_name)
    return show(center)


def change(session: Session, center_id: int, given: CenterChange) -> CenterOut:
    """Update the given fields of a center.

    Raises `CenterNotFound`, `CenterMerged`, `CenterTaken`, `CenterNameTaken` and `Invalid`.
    """
    hold_names(session)
    center = to_change(session, center_id)
    changes = given.model_dump(exclude_none=True)
    renamed = {
        name: changes[name]
        for name in _KEYS
        if name in changes and center_key(changes[name]) != center_key(getattr(center, name))
    }
    _check_names(session, center.id, renamed.get("display_name"), renamed.get("meta_tag_name"))
    for name, text in renamed.items():
        setattr(center, _KEYS[name], center_key(text))
    for name, value in changes.items():
        setattr(center, name, value)
    _flush(session, given.meta_tag_name or "")
    return show(center)


def to_change(session: Session, center_id: int) -> Center:
    """Return a center that wasn't merged, locked. Raises `CenterNotFound` and `CenterMerged`."""
    # Leads may come in meanwhile: their key to the center needs a weaker lock than `FOR UPDATE`.
    center = session.get(Center, center_id, with_for_update={"key_share": True})
    if center is None:
        raise CenterNotFound
    if center.merged_into is not None:
        raise CenterMerged
    return center


def _check_names(session: Session, own_id: int | None, name: str | None, tag: str | None) -> None:
    """Check that no other center has these names; None for one that isn't to be checked."""
    for field, text in (("display_name", name), ("meta_tag_name", tag)):
        if text is not None and not center_key(text):
            raise Invalid.at("body", field, msg="Enter a name")
    query = select(Center).where(col(Center.id).is_distinct_from(own_id)).order_by(col(Center.id))
    others = session.scalars(query).all()
    for other in others:
        if tag is not None and center_key(other.meta_tag_name) == center_key(tag):
            raise CenterTaken(other.meta_tag_name, _state(other))
    for other in others:
        if name is not None and center_key(other.display_name) == center_key(name):
            raise CenterNameTaken(other.display_name, _state(other))


def _state(center: Center) -> str:
    if center.merged_into is not None:
        return ": it was merged into another one. Undo the merge instead"
    return " and is archived. Restore it instead" if center.archived_at is not None else ""


def _flush(session: Session, tag: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:  # a script that holds no lock was faster
        raise CenterTaken(tag) from error


class Directory:
    """A lookup from the text in a form or a spreadsheet to a center.

    An exact match wins, then one by the key of the text. Aliases come after the centers' own names,
    and archived centers, which are found only by `find_any` and `find_archived`, after all others.
    """

    def __init__(
        self,
        centers: Iterable[tuple[int, str]],
        aliases: Iterable[tuple[int, str]] = (),
        archived: Iterable[tuple[int, str]] = (),
    ) -> None:
        self._exact: dict[str, int] = {}
        self._by_key: dict[str, int] = {}
        # The key of each text, and each key, by which only an alias is found.
        self._aliases: set[str] = set()
        self._archived: set[int] = set()
        self._add(centers)
        self._add(aliases, are_aliases=True)
        for id, text in archived:
            self._archived.add(id)
            self._add([(id, text)])

    def _add(self, names: Iterable[tuple[int, str]], *, are_aliases: bool = False) -> None:
        for id, text in names:
            self._exact.setdefault(text, id)
            key = center_key(text)
            if key and key not in self._by_key:
                self._by_key[key] = id
                if are_aliases:
                    self._aliases.add(key)

    @classmethod
    def read(cls, session: Session) -> "Directory":
        """Read the names and aliases of all centers, without those that were merged."""
        connection = session.connection()
        archived = col(Center.archived_at).is_not(None)
        query = select(col(Center.id), col(Center.meta_tag_name), archived)
        named = connection.execute(
            query.where(col(Center.merged_into).is_(None)).order_by(col(Center.id))
        ).all()
        is_archived = {id for id, _, archived in named if archived}
        # The newest first: it counts.
        aliases = [
            (id, text)
            for id, text in connection.execute(
                select(col(CenterAlias.center_id), col(CenterAlias.text)).order_by(
                    col(CenterAlias.created_at).desc()
                )
            )
        ]
        return cls(
            ((id or 0, tag) for id, tag, archived in named if not archived),
            (one for one in aliases if one[0] not in is_archived),
            [
                *((id or 0, tag) for id, tag, archived in named if archived),
                *(one for one in aliases if one[0] in is_archived),
            ],
        )

    def find(self, text: str) -> int | None:
        """Return the id of the center, or None if no center that isn't archived matches."""
        found = self.find_any(text)
        return None if found in self._archived else found

    def find_archived(self, text: str) -> int | None:
        """Return the id of the archived center that a text means, if no other one matches."""
        found = self.find_any(text)
        return found if found in self._archived else None

    def find_any(self, text: str) -> int | None:
        """Return the id of the center, archived or not, or None if no center matches."""
        exact = self._exact.get(text)
        return exact if exact is not None else self._by_key.get(center_key(text))

    def content(self) -> list[object]:
        """Return all that lookups depend on, as JSON can have it."""
        exact, by_key = sorted(self._exact.items()), sorted(self._by_key.items())
        return [exact, by_key, sorted(self._aliases), sorted(self._archived)]

    def alias_of(self, text: str) -> str | None:
        """Return the key of the alias by which a text is found, or None if it isn't by an alias."""
        key = center_key(text)
        return key if key in self._aliases else None


def show(center: Center) -> CenterOut:
    """Return a center as the API shows it."""
    assert center.id is not None
    shown: CenterOut = {
        "id": center.id,
        "display_name": center.display_name,
        "meta_tag_name": center.meta_tag_name,
        "city": center.city,
        "location": center.location,
    }
    if center.archived_at is not None:
        shown["archived"] = True
    if center.merged_into is not None:
        shown["merged_into"] = center.merged_into
    return shown


def get_all_centers(db: Session) -> list[Center]:
    """Return all centers, in the order of their ids."""
    return list(db.scalars(select(Center).order_by(col(Center.id))))


def get_center_by_id(db: Session, center_id: int) -> Center | None:
    """Return the center, or None."""
    return db.get(Center, center_id)


def get_center_by_meta_tag(db: Session, meta_tag: str | None) -> Center | None:
    """Return the center that matches a text in a form or spreadsheet, or None: see `Directory`."""
    center_id = None if meta_tag is None else Directory.read(db).find_any(meta_tag)
    return None if center_id is None else db.get(Center, center_id)


def create_center(
    db: Session, display_name: str, meta_tag_name: str, city: str, location: str = ""
) -> Center:
    """Add a center as `POST /centers/` does, and commit. Raises the same, such as `CenterTaken`."""
    try:
        new = NewCenter(
            display_name=display_name, meta_tag_name=meta_tag_name, city=city, location=location
        )
    except ValidationError as error:
        raise Invalid.of(error, "body") from None
    with installation.writing(db):
        made = create(db, new)
    return db.get_one(Center, made["id"])
