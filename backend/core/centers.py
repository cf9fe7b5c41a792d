"""The academy's centers."""

import re
from collections.abc import Iterable

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.core import installation
from backend.core.errors import BadRequest, CenterNotFound, Invalid
from backend.core.vocabulary.synonyms import CENTER_COLUMN as CENTER_COLUMN
from backend.models import Center, CenterAlias
from backend.schemas.centers import CenterChange, CenterOut, NewCenter


class CenterTaken(BadRequest):
    """Another center already has this name in forms and spreadsheets."""

    def __init__(self, tag: str) -> None:
        super().__init__(f"Center with meta tag '{tag}' already exists")


def list_all(session: Session) -> list[CenterOut]:
    """Return all centers, in the order of their ids."""
    query = select(Center).order_by(col(Center.id))
    return [_out(center) for center in session.scalars(query)]


def create(session: Session, new: NewCenter) -> CenterOut:
    """Add a center. Raises `CenterTaken`."""
    center = Center(**new.model_dump())
    session.add(center)
    try:
        session.flush()
    except IntegrityError as error:
        raise CenterTaken(new.meta_tag_name) from error
    return _out(center)


def change(session: Session, center_id: int, given: CenterChange) -> CenterOut:
    """Update the given fields of a center. Raises `CenterNotFound` and `CenterTaken`."""
    center = session.get(Center, center_id, with_for_update=True)
    if center is None:
        raise CenterNotFound
    for name, value in given.model_dump(exclude_none=True).items():
        setattr(center, name, value)
    try:
        session.flush()
    except IntegrityError as error:
        raise CenterTaken(given.meta_tag_name or "") from error
    return _out(center)


class Directory:
    """A lookup from the text in a form or a spreadsheet to a center.

    An exact match wins. Otherwise case and spaces are ignored. Aliases come last.
    """

    def __init__(
        self, centers: Iterable[tuple[int, str]], aliases: Iterable[tuple[int, str]] = ()
    ) -> None:
        self._exact: dict[str, int] = {}
        self._folded: dict[str, int] = {}
        for id, tag in centers:
            self._exact[tag] = id
            self._folded.setdefault(fold(tag), id)
        for id, key in aliases:
            self._folded.setdefault(key, id)

    @classmethod
    def read(cls, session: Session) -> "Directory":
        """Read the names and aliases of all centers."""
        query = select(col(Center.id), col(Center.meta_tag_name)).order_by(col(Center.id))
        aliases = select(col(CenterAlias.center_id), col(CenterAlias.key))
        connection = session.connection()
        return cls(
            ((id or 0, tag) for id, tag in connection.execute(query)),
            ((id, key) for id, key in connection.execute(aliases)),
        )

    def find(self, text: str) -> int | None:
        """Return the id of the center, or None if no center matches."""
        exact = self._exact.get(text)
        return exact if exact is not None else self._folded.get(fold(text))


def fold(text: str) -> str:
    """Return the text for comparison: lower case, with single spaces."""
    return re.sub(r"\s+", " ", text).strip().casefold()


def _out(center: Center) -> CenterOut:
    assert center.id is not None
    return {
        "id": center.id,
        "display_name": center.display_name,
        "meta_tag_name": center.meta_tag_name,
        "city": center.city,
        "location": center.location,
    }


def get_all_centers(db: Session) -> list[Center]:
    """Return all centers, in the order of their ids."""
    return list(db.scalars(select(Center).order_by(col(Center.id))))


def get_center_by_id(db: Session, center_id: int) -> Center | None:
    """Return the center, or None."""
    return db.get(Center, center_id)


def get_center_by_meta_tag(db: Session, meta_tag: str | None) -> Center | None:
    """Return the center that matches a text in a form or spreadsheet, or None: see `Directory`."""
    center_id = None if meta_tag is None else Directory.read(db).find(meta_tag)
    return None if center_id is None else db.get(Center, center_id)


def create_center(
    db: Session, display_name: str, meta_tag_name: str, city: str, location: str = ""
) -> Center:
    """Add a center as `POST /centers/` does, and commit. Raises `CenterTaken` and `Invalid`."""
    try:
        new = NewCenter(
            display_name=display_name, meta_tag_name=meta_tag_name, city=city, location=location
        )
    except ValidationError as error:
        raise Invalid.of(error, "body") from None
    with installation.writing(db):
        made = create(db, new)
    return db.get_one(Center, made["id"])
