"""A spreadsheet becomes leads, all of it or nothing.

The file is read and understood before the transaction begins, so that no writer waits for it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.core import bulk, sheets, times
from backend.core.access import Person
from backend.core.cells import restore
from backend.core.centers import Directory
from backend.core.db import Database
from backend.core.errors import BadRequest
from backend.core.settings import Settings
from backend.core.sheets import Cell
from backend.models import Lead
from backend.schemas.imports import Imported, Note, UnknownCenters

# The names of columns, folded, for each field of a lead; the first that a file has counts.
COLUMNS = {
    "created_time": ("created_time",),
    "player_name": ("player_name", "full_name"),
    "player_age_category": ("player_age_category",),
    "phone": ("phone", "phone_number"),
    "email": ("email",),
    "address": ("address_and_pincode",),
    "leadgen_id": ("id",),
}
# What a row is read into, in the order of a lead; `center` is the text for it.
FIELDS = (
    "created_time",
    "player_name",
    "player_age_category",
    "phone",
    "email",
    "address",
    "center",
    "leadgen_id",
)
CENTER_COLUMN = "_which_is_the_nearest_tofa_center_to_you?"
CENTER_PART = "nearest_tofa"

_LEADGEN_ID = re.compile(r"l:(\d{1,40})")
_PHONE_PREFIX = "p:"


@dataclass(slots=True)
class Draft:
    """The rows of a file, as leads to be: tuples in the order of `bulk.LEAD_COLUMNS`."""

    leads: list[tuple[Any, ...]] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    rejected: list[Note] = field(default_factory=list)
    # What the file calls its centers, each once, in the order of the file.
    tags: dict[str, None] = field(default_factory=dict)


def upload(
    db: Database,
    settings: Settings,
    person: Person | None,
    filename: str,
    content: bytes,
    progress: Callable[[int], None] | None = None,
) -> Imported | UnknownCenters:
    """Reads a spreadsheet, and adds its leads. Raises `BadRequest` for a file that can't be read.

    `progress` is told how many rows are read so far. Without a `person` the host's owner does it.
    """
    try:
        draft = read(sheets.read_table(content, filename), settings.zone, progress)
    except sheets.UnreadableFile as error:
        raise BadRequest(str(error)) from error
    try:
        return _keep(db, person, draft)
    except IntegrityError:
        # One of Meta's leads came in another way meanwhile. Now it is seen to be here.
        return _keep(db, person, draft)


def _keep(db: Database, person: Person | None, draft: Draft) -> Imported | UnknownCenters:
    with db.write() as session:
        directory = Directory.read(session)
        centers = {tag: directory.find(tag) for tag in draft.tags}
        if unknown := [tag for tag, center in centers.items() if center is None]:
            return {
                "status": "error",
                "message": "Unknown Centers Found",
                "unknown_tags": unknown,
            }
        return _add(session, person, draft, centers)


def read(
    table: sheets.Table, zone: ZoneInfo, progress: Callable[[int], None] | None = None
) -> Draft:
    """Understands a table. Raises `BadRequest` where it has no column for the center.

    The last but one value of each lead is still the text for its center.
    """
    draft = Draft()
    now = times.now()
    places = _places(table.columns)
    # A field without a column is read from a blank cell behind the last one.
    pick = itemgetter(*(places.get(name, len(table.columns)) for name in FIELDS))
    for number, cells in table.rows:
        created, *others = pick([*cells, None])
        # Nearly every cell is a text: a call for each would take as long as all the rest.
        texts = [
            cell.strip() or None if type(cell) is str and cell[:1] != "'" else _text(cell)
            for cell in others
        ]
        _add_row(draft, number, created, texts, zone, now)
        if progress is not None and number % 1000 == 0:
            progress(number)
    return draft


def _places(columns: Sequence[str]) -> dict[str, int]:
    """For each field of a lead, the column where it stands."""
    names = [re.sub(r"\s+", " ", column).strip().casefold() for column in columns]
    center = next(
        (i for i, name in enumerate(names) if name == CENTER_COLUMN),
        next((i for i, name in enumerate(names) if CENTER_PART in name), None),
    )
    if center is None:
        raise BadRequest(
            f"The file has no column for the center: name one '{CENTER_COLUMN}', "
            "or let its name contain 'nearest_tofa'"
        )
    places = {"center": center}
    for name, known_as in COLUMNS.items():
        for known in known_as:
            if known in names:
                places[name] = names.index(known)
                break
    return places


def _add_row(
    draft: Draft,
    number: int,
    created: Cell,
    texts: Sequence[str | None],
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """Adds a row to the draft: as a lead, or with the reason why it can't become one."""
    name, age, phone, email, address, tag, leadgen_id = texts
    if phone is not None and phone.startswith(_PHONE_PREFIX):
        phone = phone.removeprefix(_PHONE_PREFIX).strip() or None
    if phone is None and email is None:
        draft.rejected.append({"row": number, "reason": "Neither phone nor email"})
        return
    if tag is None:
        draft.rejected.append({"row": number, "reason": "No center"})
        return
    draft.tags[tag] = None
    created_time = _time(created, zone)
    if created_time is None:
        created_time = now
        if created is not None:
            reason = "The date can't be read: the time of the import stands in"
            draft.warnings.append({"row": number, "reason": reason})
    match = _LEADGEN_ID.fullmatch(leadgen_id) if leadgen_id is not None else None
    lead = (created_time, name, age, phone, email, address, tag, match[1] if match else None)
    draft.leads.append(lead)


def _text(cell: Cell) -> str | None:
    """What a cell says, as text: as it was before an export, and whole numbers without decimals."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return restore(cell.strip()).strip() or None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bool):
        return str(cell).upper()
    return str(cell)


def _time(cell: Cell, zone: ZoneInfo) -> datetime | None:
    try:
        if isinstance(cell, str):
            return times.read(cell.strip(), zone)
        if isinstance(cell, date):
            return times.to_utc(cell, zone)
    except ValueError:
        pass
    return None


def _add(
    session: Session, person: Person | None, draft: Draft, centers: dict[str, int | None]
) -> Imported:
    here = _already_here(session, [lead[-1] for lead in draft.leads if lead[-1]])

    def placed() -> Iterator[tuple[Any, ...]]:
        for lead in draft.leads:
            tag, leadgen_id = lead[-2:]
            if leadgen_id not in here:
                if leadgen_id is not None:
                    here.add(leadgen_id)
                yield (*lead[:-2], centers[tag], leadgen_id)

    user_id = person.id if person else None
    added = bulk.insert_leads(session, placed(), user_id=user_id, source="upload")
    answer: Imported = {"status": "success", "leads_added": added}
    if added < len(draft.leads):
        answer["already_here"] = len(draft.leads) - added
    if draft.warnings:
        answer["warnings"] = draft.warnings
    if draft.rejected:
        answer["rejected"] = draft.rejected
    return answer


def _already_here(session: Session, leadgen_ids: Sequence[str]) -> set[str]:
    """Those of Meta's ids that are leads already."""
    here: set[str] = set()
    for start in range(0, len(leadgen_ids), 5000):
        batch = leadgen_ids[start : start + 5000]
        here.update(
            session.connection().scalars(
                select(col(Lead.leadgen_id)).where(col(Lead.leadgen_id).in_(batch))
            )
        )
    return here
