"""Copies of a person's data that belong to no lead: found by their phones, emails and ids of Meta.

They are in bodies that hold several leads, deliveries that wait or were dismissed, rows of plans,
the names and headers of files, the names of saved views, comments on other leads and what was
changed in them, leads that were deleted and can still be restored, and aliases of centers, which
are what someone has typed into a form. A phone or an email that other leads have, too, isn't
enough: there the name has to be in the text as well.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from sqlalchemy import ColumnElement, Select, Table, Text, cast, select, true, tuple_
from sqlmodel import Session, col

from backend.core import names
from backend.core.db import Database
from backend.core.intake.bodies import preview
from backend.core.leads.match_keys import is_address
from backend.core.phones import fold
from backend.core.privacy import held
from backend.core.privacy.held import Held
from backend.core.repairs import repaired
from backend.models import (
    BulkChange,
    CenterAlias,
    CenterChange,
    Comment,
    Delivery,
    DeliveryState,
    EventKind,
    ImportRow,
    Lead,
    LeadEvent,
    LeadPhone,
    SavedView,
)

# How many rows are read in one unit of work.
STEP = 2000
# In digits: the end of a number says as much as the whole, however it is written.
_TELLING = 9
_SHORTEST = 7
# What people put between the digits of a number, once it's folded.
_SEPARATORS = re.compile(r"[\s()\[\]{}+.,\-/_~*|']+")
# What stands between the words of a name, apart from spaces.
_JOINTS = re.compile(r"[_.\-]")
# Characters that JSON has escaped: many programs write all letters but ASCII's so.
_ESCAPED = re.compile(r"(?:\\(?:u[0-9a-fA-F]{4}|[bfnrt/]))+")
# In characters: a name that is shorter may be a word of any file's name.
_SHORTEST_NAME = 6
# What each comment with a phone or an email has; few have one.
_CONTACT = re.compile(r"@|\d\D{0,5}\d\D{0,5}\d\D{0,5}\d")


@dataclass(frozen=True, slots=True)
class Needles:
    """What a person's data is found by.

    `own` are texts that nobody else has, `shared` those that other leads have, too: a text with one
    of them is this person's only if it has one of the `names`.
    """

    own: frozenset[str]
    shared: frozenset[str]
    names: frozenset[str]

    def are_in(self, *texts: str | None) -> bool:
        """Return whether any of the texts is about the person."""
        return any(self._are_in(text) for text in texts if text)

    def _are_in(self, text: str) -> bool:
        readings = [*_readings(text)]
        forms = [fold.folded(one).casefold() for one in readings]
        forms += [_SEPARATORS.sub("", form) for form in forms]
        if any(one in form for one in self.own for form in forms):
            return True
        is_shared = any(one in form for one in self.shared for form in forms)
        return is_shared and any(_has_name(one, self.names) for one in readings)

    def name_is_in(self, text: str) -> bool:
        """Return whether a text, such as a file's name, has the person's whole name.

        A short name alone may be a word of any text.
        """
        words = _words(text)
        return any(name in words for name in self.names if len(name) >= _SHORTEST_NAME)


def _readings(text: str) -> Iterator[str]:
    """Yield a text as it is, and as those see it who read its JSON, its HTML or its query."""
    yield text
    read = _ESCAPED.sub(lambda escaped: json.loads(f'"{escaped[0]}"'), text)
    read = repaired(read)
    if "%" in read or "+" in read:
        read = unquote_plus(read)
    if read != text:
        yield read


def _has_name(text: str, wanted: Iterable[str]) -> bool:
    """Return whether a text has one of the names, short ones only as words of their own."""
    words = _words(text)
    return any(_is_part(name, words) for name in wanted)


def _words(text: str) -> str:
    """Return a text or a name as they are compared: `K.Priya`, `K. Priya` and `k_priya` alike."""
    return " ".join(names.folded(_JOINTS.sub(" ", text)).split())


def _is_part(name: str, text: str) -> bool:
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if len(name) >= _SHORTEST_NAME or not _touches(
            text[max(at - 1, 0) : at], text[end : end + 1]
        ):
            return True
        at = text.find(name, at + 1)
    return False


def _touches(*beside: str) -> bool:
    """Return whether one of the characters beside a word belongs to it."""
    return any(one and unicodedata.category(one)[0] in "LM" for one in beside)


@dataclass(slots=True)
class Traces:
    """The rows that mention a person: ids of deliveries, rows by import, imports, views, comments.

    Comments and edits are those of any lead, while there is one of the person also theirs. Leads
    that were deleted, and can still be restored, are by the ids of the change that has them and
    their own. Aliases are by their keys, changes of centers by their ids.
    """

    deliveries: list[int] = field(default_factory=list)
    rows: list[tuple[int, int]] = field(default_factory=list)
    imports: list[int] = field(default_factory=list)
    views: list[int] = field(default_factory=list)
    comments: list[int] = field(default_factory=list)
    edits: list[int] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    center_changes: list[int] = field(default_factory=list)
    deleted: list[tuple[int, int]] = field(default_factory=list)


def needles_of(session: Session, found: Held) -> Needles:
    """Return what a lead's data is found by, as long as it isn't removed yet or is known again."""
    ids = {row["id"] for row in found["lead"]}
    ids |= {row["merged_id"] for row in found.get("leadmerge", ())}
    own = {one for one in held.texts_of(found, "leadgen_id") if len(one) >= _SHORTEST}
    shared: set[str] = set()
    for email in held.texts_of(found, "email", "email_key"):
        if is_address(email):
            needle = email.strip().casefold()
            (shared if _email_is_shared(session, needle, ids) else own).add(needle)
    for phone in held.texts_of(found, "phone", "phones", "phone_key"):
        digits = "".join(str(int(one)) for one in phone if one.isdecimal())
        if len(digits) >= _SHORTEST:
            needle = digits[-_TELLING:]
            (shared if _number_is_shared(session, needle, ids) else own).add(needle)
    whole = {_words(name) for name in held.texts_of(found, "player_name")}
    return Needles(frozenset(own), frozenset(shared), frozenset(whole - {""}))


def _email_is_shared(session: Session, key: str, ids: Iterable[int]) -> bool:
    query = select(col(Lead.id)).where(col(Lead.email_key) == key, col(Lead.id).not_in(ids))
    return session.connection().scalar(query.limit(1)) is not None


def _number_is_shared(session: Session, digits: str, ids: Iterable[int]) -> bool:
    number = col(Lead.phone_key)
    further = col(LeadPhone.phone_key)
    main = select(number).where(number.endswith(digits), col(Lead.id).not_in(ids)).limit(1)
    others = select(further).where(further.endswith(digits), col(LeadPhone.lead_id).not_in(ids))
    rows = session.connection()
    return rows.scalar(main) is not None or rows.scalar(others.limit(1)) is not None


def find(db: Database, needles: Needles) -> Traces:
    """Look for copies, in short reads."""
    return Traces(
        [row.id for row in _deliveries(db) if _is_in_delivery(needles, row)],
        [
            (row.import_id, row.number)
            for row in _import_rows(db)
            if needles.are_in(row.data, row.cells)
        ],
        [row.id for row in _imports(db) if part_of_import(needles, row) is not None],
        [
            row.id
            for row in _all(db, SavedView.id, SavedView.name)
            if text_without(needles, row.name) != row.name
        ],
        [row.id for row in _comments(db) if _is_in_note(needles, row.text)],
        [row.id for row in _edits(db) if _is_in_note(needles, row.data)],
        [
            row.key
            for row in _all(db, CenterAlias.key, CenterAlias.text)
            if needles.are_in(row.text)
        ],
        [
            row.id
            for row in _all(db, CenterChange.id, CenterChange.data)
            if data_without(needles, row.data) != row.data
        ],
        [
            (row.id, one["id"])
            for row in _deletions(db)
            for one in row.changes
            if needles.are_in(json.dumps(one.get("deleted"), ensure_ascii=False))
        ],
    )


def _is_in_note(needles: Needles, text: str) -> bool:
    """Return whether the person is in a text of a table that has many: most have no contact."""
    return _CONTACT.search(text) is not None and needles.are_in(text)


def _is_in_delivery(needles: Needles, row: Any) -> bool:
    readable = preview.text(row.body, row.content_type, row.content_encoding)
    texts = (row.body, readable, row.fetched, row.details, row.center_text, row.leadgen_id)
    return needles.are_in(*texts)


def _deliveries(db: Database) -> Iterator[Any]:
    """Yield the deliveries that belong to no lead, and bodies that hold several."""
    columns = (
        col(Delivery.id), col(Delivery.body), col(Delivery.fetched), col(Delivery.details),
        col(Delivery.center_text), col(Delivery.leadgen_id), col(Delivery.content_type),
        col(Delivery.content_encoding),
    )  # fmt: skip
    query = select(*columns).where(
        col(Delivery.lead_id).is_(None),
        # What isn't processed yet is recognised then.
        col(Delivery.state) != DeliveryState.RECEIVED,
    )
    return _in_steps(db, query, col(Delivery.id))


def _import_rows(db: Database) -> Iterator[Any]:
    """Yield the rows of imports that belong to no lead."""
    key = (col(ImportRow.import_id), col(ImportRow.number))
    query = select(*key, col(ImportRow.data), col(ImportRow.cells))
    return _in_steps(db, query.where(col(ImportRow.lead_id).is_(None)), *key)


def _imports(db: Database) -> Sequence[Any]:
    own: Table = held.table("import")
    query = select(own.c.id, *(own.c[name] for name in PARTS)).order_by(own.c.id)
    with db.read() as session:
        return session.connection().execute(query).all()


def _all(db: Database, key: Any, *columns: Any) -> Sequence[Any]:
    """Return all rows of a table that never has many."""
    query = select(col(key), *map(col, columns)).order_by(col(key))
    with db.read() as session:
        return session.connection().execute(query).all()


def _comments(db: Database) -> Iterator[Any]:
    """Yield all comments."""
    return _in_steps(db, select(col(Comment.id), col(Comment.text)), col(Comment.id))


def _edits(db: Database) -> Iterator[Any]:
    """Yield what people have changed in leads, from what to what, as JSON."""
    query = select(col(LeadEvent.id), col(LeadEvent.data)).where(
        col(LeadEvent.kind) == EventKind.EDITED
    )
    return _in_steps(db, query, col(LeadEvent.id))


def _deletions(db: Database) -> Iterator[Any]:
    """Yield the changes that have leads which were deleted, up to a thousand each."""
    # The database reads the texts of all others faster.
    has_deleted = cast(col(BulkChange.changes), Text).contains('"deleted": {')
    query = select(col(BulkChange.id), col(BulkChange.changes)).where(has_deleted)
    return _in_steps(db, query, col(BulkChange.id), many=10)


def _in_steps(
    db: Database, query: Select[*tuple[Any, ...]], *key: Any, many: int = STEP
) -> Iterator[Any]:
    """Yield the rows of a query in the order of a unique key, in several units of work."""
    after: ColumnElement[bool] = true()
    while True:
        step = query.where(after).order_by(*key).limit(many)
        with db.read() as session:
            found = session.connection().execute(step).all()
        yield from found
        if len(found) < many:
            return
        after = tuple_(*key) > tuple_(*(getattr(found[-1], one.key) for one in key))


def text_without(needles: Needles, text: str) -> str:
    """Return a text, or what stands in its place if it's about the person."""
    return ERASED if needles.are_in(text) or needles.name_is_in(text) else text


# What a file's own texts are kept in.
PARTS = ("filename", "columns", "mapping", "statuses", "layout")
# What stands in the place of a text that was erased.
ERASED = "[erased]"


def part_of_import(needles: Needles, row: Any) -> dict[str, Any] | None:
    """Return the columns of an import without the person's texts; None if there are none."""
    changed = {}
    for name in PARTS:
        value = getattr(row, name)
        without = data_without(needles, value, text_without)
        if without != value:
            changed[name] = without
    return changed or None


def own_text_without(needles: Needles, text: str) -> str:
    """Return a text of someone else, or what stands in its place if it has the person's contact."""
    return ERASED if needles.are_in(text) else text


def data_without(
    needles: Needles, value: Any, replace: Callable[[Needles, str], str] = own_text_without
) -> Any:
    """Return data as JSON has it, with each of its texts replaced."""
    if isinstance(value, str):
        return replace(needles, value)
    if isinstance(value, list):
        return [data_without(needles, one, replace) for one in value]
    if isinstance(value, dict):
        return {
            replace(needles, name): data_without(needles, one, replace)
            for name, one in value.items()
        }
    return value
