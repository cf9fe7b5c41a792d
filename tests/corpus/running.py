"""Sends a file to the product, and returns the outcome in the words of `files.toml`."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlmodel import col, func, select

from backend.core.access import Person
from backend.core.errors import BadRequest
from backend.core.imports import commit, listing, plan, upload
from backend.core.imports.columns import usual
from backend.core.imports.tables import Choices
from backend.core.phones import PhoneIssue
from backend.core.reasons import WARNINGS, ReasonCode
from backend.core.vocabulary import synonyms
from backend.models import Center, Comment, Lead, LeadOrigin, LeadPhone, User
from backend.schemas.imports import ImportRowOut, Planned, RowFilter
from tests.world import LEAD, World

LEADER = Person(1, LEAD, "team_lead")
BLANK = ""
# What is behind a value whose column was found by a guess: the plan asks to review it.
GUESSED = "guessed_column"
OF_CREATED = {ReasonCode.UNREADABLE_DATE, ReasonCode.UNLIKELY_DATE}
FLAGS = {
    *(code.value for code in WARNINGS),
    *(issue.value for issue in PhoneIssue),
    ReasonCode.UNKNOWN_CENTER.value,
    ReasonCode.NO_CENTER.value,
    GUESSED,
}

# The fields of a row, by the name of their column in a table of truths.
Told = dict[str, str]


def is_flagged(value: str) -> bool:
    """Return whether a value has a flag behind it, or is one."""
    return not FLAGS.isdisjoint(value.split())


@dataclass(frozen=True, slots=True)
class File:
    """A file to send, and what a person chooses for it."""

    name: str
    content: bytes
    center: str | None = None
    sheets: tuple[str, ...] = ()


def csv_file(header: Sequence[str], rows: Iterable[Sequence[str]]) -> File:
    """Return a file of rows."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *rows])
    return File("cells.csv", out.getvalue().encode())


@dataclass(slots=True)
class Came:
    """The outcome of a file: the table that was read, its dates, and its rows by number."""

    table: str
    dates: list[str]
    others: list[str]
    rows: dict[int, Told] = field(default_factory=dict)


def send(world: World, file: File) -> Came:
    """Plan a file, and then import it: in one step if its columns allow that.

    Raises `BadRequest` for a file that can't be read.
    """
    choices = Choices(sheets=file.sheets)
    made = plan.make(
        world.db, world.settings, LEADER, file.name, file.content, center=file.center,
        choices=choices,
    )  # fmt: skip
    with world.db.read() as session:
        rows = listing.list_rows(session, made["id"], RowFilter(limit=1000))
        last = session.scalars(select(func.max(col(Lead.id)))).one() or 0
    if not _upload(world, file, made):
        commit.commit(world.db, world.settings, LEADER, made["id"])
    came = _layout(made)
    guessed = {
        _FIELDS.get(field)
        for name, field in made["mapping"].items()
        if name in made["proposed"] and synonyms.known(name) is None
    }
    leads = _leads_after(world, last)
    for row in rows:
        lead = next(leads, {}) if row["verdict"] in ("create", "sibling") else {}
        told = came.rows[row["row"]] = _told(row, lead, made["mapping"])
        # A person reviews what is guessed by a word in a column's name.
        told |= {name: f"{told[name]} {GUESSED}" for name in guessed if name and told.get(name)}
    came.rows |= {-number: lead for number, lead in enumerate(leads, 1)}
    return came


def _upload(world: World, file: File, made: Planned) -> bool:
    """Return whether a file was imported in one step, which takes no guesses and no choices.

    A workbook isn't: that reads it once more.
    """
    if file.center or file.sheets or not file.name.endswith("sv"):
        return False
    try:
        if usual(made["columns"]).mapping != made["mapping"]:
            return False
    except BadRequest:
        return False
    answer = upload.upload(world.db, world.settings, LEADER, file.name, file.content)
    return answer["status"] == "success"


def _layout(made: Planned) -> Came:
    layout = made["layout"]
    assert layout is not None
    taken = [sheet["name"] for sheet in layout["sheets"] if sheet["is_taken"]]
    others = [sheet["name"] for sheet in layout["sheets"] if not sheet["is_taken"]]
    before = f"{', '.join(taken)}: " if others or len(taken) > 1 else ""
    dates = [
        f"{one['column'].strip()}: {one['order']}, {one['basis']}"
        for one in layout["dates"]
        if one["basis"] != "clear"
    ]
    return Came(f"{before}row {layout['header_row']}", dates, others)


def _leads_after(world: World, last: int) -> Iterator[Told]:
    """Yield what each new lead has, in the order of their rows."""
    with world.db.read() as session:
        centers = {one.id: one.display_name for one in session.scalars(select(Center))}
        users = {one.id: one.email.partition("@")[0] for one in session.scalars(select(User))}
        leads = session.scalars(select(Lead).where(col(Lead.id) > last).order_by(col(Lead.id)))
        for lead in leads:
            further = session.scalars(
                select(col(LeadPhone.phone_key)).where(col(LeadPhone.lead_id) == lead.id)
            )
            comments = session.scalars(
                select(col(Comment.text)).where(col(Comment.lead_id) == lead.id)
            )
            origin = session.get(LeadOrigin, lead.id)
            zone = world.settings.zone
            yield {
                "name": lead.player_name or BLANK,
                "phone": _phone(lead, sorted(further)),
                "created": _moment(lead.created_time.astimezone(zone)),
                "age": lead.player_age_category or BLANK,
                "email": lead.email or BLANK,
                "address": _line(lead.address or BLANK),
                "center": centers.get(lead.center_id, BLANK),
                "status": lead.status,
                "next": _moment(
                    lead.next_followup_date and lead.next_followup_date.astimezone(zone)
                ),
                "born": str(lead.birth_date or BLANK),
                "comment": _line("; ".join(comments)),
                "lost": lead.lost_reason or BLANK,
                "owner": users.get(lead.owner_id, BLANK),
                "campaign": lead.campaign or BLANK,
                "meta id": lead.leadgen_id or BLANK,
                "answers": "; ".join(f"{name}: {text}" for name, text in _answers(origin)),
                "test": "yes" if lead.is_test else BLANK,
            }


def _phone(lead: Lead, further: Iterable[str]) -> str:
    if lead.phone_issue:
        return lead.phone_issue
    first = (
        f"{lead.phone_key or BLANK}{f' x{lead.phone_extension}' if lead.phone_extension else BLANK}"
    )
    return ", ".join([first, *further])


def _answers(origin: LeadOrigin | None) -> Iterator[tuple[str, str]]:
    for name, text in (origin.answers if origin else {}).items():
        yield name, _line(text)


def _line(text: str) -> str:
    return " / ".join(text.splitlines())


def _moment(moment: datetime | date | None) -> str:
    return BLANK if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def _told(row: ImportRowOut, lead: Told, mapping: Mapping[str, str]) -> Told:
    """Return what came of a row, with the flags of each field behind its value."""
    told = dict(lead) if lead else {"center": row["fields"].get("center", BLANK)}
    told["is"] = _verdict(row)
    if row["verdict"] in ("join", "known", "reject"):
        return {"is": told["is"]}
    if "created_time" not in row["fields"]:
        told["created"] = BLANK
    for why in row["reasons"]:
        code = ReasonCode(why["code"])
        if code in OF_CREATED:
            told["created"] = code.value
        elif "column" in why:
            name = _FIELDS.get(mapping[why["column"]], BLANK)
            told[name] = f"{told.get(name, BLANK)} {code.value}".strip()
        elif code is ReasonCode.UNKNOWN_STATUS:
            told["status"] = code.value
    return told


# The names of the fields in a table of truths.
_FIELDS = {
    "created_time": "created", "birth_date": "born", "next_followup_date": "next",
    "player_age_category": "age", "leadgen_id": "meta id", "player_name": "name", "phone": "phone",
    "email": "email", "center": "center", "address": "address",
}  # fmt: skip
_VERDICTS = {
    "create": BLANK, "sibling": "sibling of", "join": "joins", "known": "known as",
    "waiting": "waits", "reject": "rejected",
}  # fmt: skip


def _verdict(row: ImportRowOut) -> str:
    """Return what a row becomes and why: `joins 2: same_phone_and_name`."""
    verdict = _VERDICTS[row["verdict"]]
    why: Any = next((one for one in row["reasons"] if one["code"] not in WARNINGS), {})
    of = f" {why['row']}" if "row" in why else BLANK
    is_of_phone = why.get("code") == "unreadable_phone"
    return f"{verdict}{of}: {why['code']}" if why and not is_of_phone else verdict
