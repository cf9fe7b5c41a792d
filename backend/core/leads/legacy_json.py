"""The leads of the legacy list as JSON, made in the way that is fastest on each database.

SQLite writes the JSON itself: it runs in this process, returns one row for thousands of leads, and
lets all other threads run meanwhile. PostgreSQL would take twice as long to write JSON as its
driver and orjson do together, and it serves other servers too.

On both, a lead is the same bytes: no spaces, UTF-8, the fields in the order of `LegacyLead`.
"""

import codecs
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    case,
    cast,
    collate,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from backend.core.database import wall_clock
from backend.core.database.rows import id_in
from backend.models import Lead
from backend.schemas.legacy_leads import LegacyLead

# A name that has only these characters counts as missing: Unicode's spaces, and what shows nothing.
BLANKS = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u2800\u3000\u3164\ufeff"
)
NAMELESS = "Unknown"

# In leads, below the number of new objects that starts the garbage collector; and in bytes.
_PIECE = 500
_SLICE = 32 << 10

# How many leads, the id of the last, and the JSON of all with commas between them.
Step = tuple[int, int, bytes]


def read(
    session: Session, wanted: Sequence[ColumnElement[bool]], many: int, zone: ZoneInfo
) -> Step:
    """Return the first leads, by their ids, for which the conditions hold."""
    if session.get_bind().dialect.name == "sqlite":
        try:
            return _by_sqlite(session, _columns(zone.key).where(*wanted).limit(many), zone)
        except OperationalError as error:
            if "BLOB" not in str(error.orig):
                raise
            # A script has stored bytes as a text, which JSON can't have.
            return _by_sqlite(
                session, _columns(zone.key, _as_text).where(*wanted).limit(many), zone
            )
    return _by_driver(session, _columns_and_left(zone.key).where(*wanted).limit(many), zone)


def _same(column: Any) -> Any:
    return column


def _as_text(column: Any) -> Any:
    return cast(column, Text).label(column.name)


@cache
def _columns(
    zone: str, stored: Callable[[Any], Any] = _same, bytewise: str = "BINARY"
) -> Select[Any]:
    """Return the columns of the list, each as its clients expect it.

    `bytewise` is the name of the collation that compares the bytes of texts.
    """

    def text(column: Any) -> Any:
        return func.coalesce(stored(column), "").label(column.name)

    name = stored(col(Lead.player_name))
    # True of nearly all names, and four times as fast as the other.
    begins_with_letter = collate(name, bytewise).between(
        literal_column("'0'"), literal_column("'~'")
    )
    has_letter = func.ltrim(name, BLANKS) != ""
    return select(
        col(Lead.id),
        wall_clock.shown(col(Lead.created_time), zone).label("created_time"),
        case((or_(begins_with_letter, has_letter), name), else_=NAMELESS).label("player_name"),
        text(col(Lead.player_age_category)),
        text(col(Lead.phone)),
        stored(col(Lead.email)),
        stored(col(Lead.address)),
        text(col(Lead.status)),
        wall_clock.shown(col(Lead.next_followup_date), zone).label("next_followup_date"),
        id_in(col(Lead.center_id)).label("center_id"),
    ).order_by(col(Lead.id))


@cache
def _columns_and_left(zone: str) -> Select[Any]:
    """Return the same, and the times that `wall_clock.shown` leaves to `wall_clock.finish`."""
    return _columns(zone, bytewise="C").add_columns(
        wall_clock.left(col(Lead.created_time)), wall_clock.left(col(Lead.next_followup_date))
    )


def _by_driver(session: Session, query: Select[Any], zone: ZoneInfo) -> Step:
    count, last, pieces = 0, 0, []
    with session.connection().execute(query) as result:
        cursor = result.cursor  # the driver's own, whose rows cost half of SQLAlchemy's
        assert cursor is not None
        while rows := cursor.fetchmany(_PIECE):
            count, last = count + len(rows), rows[-1][0]
            pieces.append(orjson.dumps([_lead(zone, *row) for row in rows])[1:-1])
    return count, last, b",".join(pieces)


def _lead(
    zone: ZoneInfo,
    id: int,
    created_time: datetime | str | None,
    player_name: str,
    player_age_category: str,
    phone: str,
    email: str | None,
    address: str | None,
    status: str,
    next_followup_date: datetime | str | None,
    center_id: int | None,
    created_left: str | None,
    next_left: str | None,
) -> dict[str, object]:
    if created_left is not None:
        created_time = wall_clock.finish(created_left, zone)
    if next_left is not None:
        next_followup_date = wall_clock.finish(next_left, zone)
    return {
        "id": id,
        "created_time": created_time,
        "player_name": player_name,
        "player_age_category": player_age_category,
        "phone": phone,
        "email": email,
        "address": address,
        "status": status,
        "next_followup_date": next_followup_date,
        "center_id": center_id,
    }


# All rows of a subquery as JSON objects with commas between them. As bytes: to make a str and
# encode it again would take a fifth of the time.
_OBJECTS = "CAST(group_concat(json_object({}), ',') AS BLOB)".format(
    ", ".join(f"'{name}', {name}" for name in LegacyLead.__annotations__)
)
_WRITTEN: Select[int, int, bytes | None] = select(
    literal_column("count(*)"), literal_column("max(id)"), literal_column(_OBJECTS)
)


def _by_sqlite(session: Session, query: Select[Any], zone: ZoneInfo) -> Step:
    written = _WRITTEN.select_from(query.subquery())
    count, last, text = session.connection().execute(written).one()
    return count, last or 0, _with_left(_utf8(text or b""), zone)


def _utf8(text: bytes) -> bytes:
    """Return the text with a replacement for whatever isn't UTF-8: SQLite keeps any bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        # Slice by slice: a str of all of it would be new memory, which takes four times as long.
        for start in range(0, len(text), _SLICE):
            decoder.decode(text[start : start + _SLICE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return text.decode(errors="replace").encode()
    return text


# How a time ends that is left to `wall_clock.finish`, with the field that comes after it.
_LEFT = re.compile(f'{wall_clock.LEFT}","(?:player_name|center_id)":'.encode())
_TIMES = ("created_time", "next_followup_date")


def _with_left(text: bytes, zone: ZoneInfo) -> bytes:
    """Return the text with the times in it finished that SQLite has left."""
    if not _LEFT.search(text):
        return text
    leads = orjson.loads(b"[" + text + b"]")
    for lead in leads:
        for name in _TIMES:
            lead[name] = wall_clock.finish(lead[name], zone)
    return orjson.dumps(leads)[1:-1]
