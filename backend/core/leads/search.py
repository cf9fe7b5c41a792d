"""Find leads by a part of a name, an email or any of their phones.

An index of all runs of three characters finds rare texts: FTS5 on SQLite, a GIN index over arrays
on PostgreSQL, neither of which needs an extension. It is filled after writers have committed, so
that an import takes no longer: `Lead.search_indexed` says which leads it has. The others are read
one by one. What the index finds is compared with the lead itself, so an index that lags behind
never gives wrong results.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    SQLColumnExpression,
    and_,
    column,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    update,
)
from sqlmodel import Session, col

from backend.core import names
from backend.core.database.bulk_insert import among
from backend.core.database.rows import has_text
from backend.core.leads import stored_bytes
from backend.models import Lead, LeadPhone

# Characters of a run in the index. Shorter words are looked for among the newest leads.
GRAM = 3
# SQLite uses the partial index only for the index's own words.
NOT_YET: ColumnElement[bool] = literal_column("NOT lead.search_indexed")
# How many leads are indexed in one transaction.
BATCH = 1000
# If more leads than this may match, reading all in order finds the newest sooner.
FEW = 3_000
# The most words, and characters of a word, that are looked for.
_MOST_WORDS, _LONGEST = 8, 60
_TELLING = 6
_PHONE = re.compile(r"[\d\s()+.\-/]+")
_NUMBER = re.compile(r"\+?[0-9]+")
# What people write between the digits of a phone.
_SEPARATORS = " ()+.-/"


def words(q: str | None) -> list[str]:
    """Return the words to look for, folded like the keys of leads; a lead must have all of them."""
    folded = names.folded(q)
    if _PHONE.fullmatch(folded) and (digits := re.sub(r"\D", "", folded)):
        digits = "".join(str(int(digit)) for digit in digits)
        # Keys are in E.164, without the zero of a number as it is dialled within a country.
        return [digits.lstrip("0") or digits][:1]
    return [word[:_LONGEST] for word in folded.split()[:_MOST_WORDS]]


def matching(wanted: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a lead has all of the words."""
    return and_(*(or_(*_places(word)) for word in wanted))


def _places(word: str) -> Iterator[ColumnElement[bool]]:
    """Yield the places where a lead may have a word: its keys, and the texts that are no keys."""
    for key in (Lead.name_key, Lead.phone_key, Lead.email_key):
        yield has_text(col(key), word)
    if _NUMBER.fullmatch(word):
        further = select(col(LeadPhone.lead_id)).where(has_text(col(LeadPhone.phone_key), word))
        yield col(Lead.id).in_(further)
    typed: SQLColumnExpression[Any] = func.lower(col(Lead.phone))
    bare = typed
    for separator in _SEPARATORS:
        bare = func.replace(bare, separator, "")
    yield and_(col(Lead.phone_issue).is_not(None), or_(has_text(typed, word), has_text(bare, word)))
    yield and_(col(Lead.name_key) == "", has_text(func.lower(col(Lead.player_name)), word))


def candidates(session: Session, wanted: Sequence[str]) -> list[int] | None:
    """Return the ids of all leads that may match: from the index, and those not in it yet.

    None if no word is long enough, or if more than FEW may match.
    """
    # The end of a word is as rare as the whole, and takes less time to look up.
    long = [word[-_TELLING:] for word in wanted if len(word) >= GRAM]
    if not long:
        return None
    not_yet = select(col(Lead.id)).where(NOT_YET)
    if session.get_bind().dialect.name == "sqlite":
        quoted = " ".join('"' + word.replace('"', '""') + '"' for word in long)
        known = text("SELECT rowid AS id FROM leadsearch WHERE leadsearch MATCH :q")
        known = known.bindparams(q=quoted)
    else:
        runs = sorted({run for word in long for run in _runs(word)})
        known = text("SELECT lead_id AS id FROM leadsearch WHERE grams @> CAST(:runs AS text[])")
        known = known.bindparams(runs=runs)
    found = known.columns(column("id", Integer)).subquery()
    both = select(found.c.id).union_all(not_yet).limit(FEW + 1)
    ids = [id for (id,) in session.connection().execute(both)]
    return ids if len(ids) <= FEW else None


def fill(session: Session, limit: int = BATCH) -> int:
    """Index leads that are not in the index yet. Return how many."""
    query = (
        select(
            col(Lead.id), col(Lead.name_key), col(Lead.phone_key), col(Lead.email_key),
            col(Lead.player_name), col(Lead.phone), col(Lead.phone_issue),
        )
        .where(NOT_YET)
        .order_by(col(Lead.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    connection = session.connection()
    new = connection.execute(query).all()
    if not new:
        return 0
    ids = [id for id, *_ in new if id is not None]
    if stored_bytes.repair(session, ids):
        new = connection.execute(query).all()
    further = _further_numbers(session, ids)
    texts = [(one[0], [*_texts(*one[1:]), *further.get(one[0] or 0, ())]) for one in new]
    if connection.dialect.name == "sqlite":
        drop(session, ids)
        connection.exec_driver_sql(
            # In one statement: row by row it would hold the writer and wait for Python's lock.
            "INSERT INTO leadsearch (rowid, text) "
            "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)",
            (orjson.dumps([(id, "\n".join(of_lead)) for id, of_lead in texts]).decode(),),
        )
    else:
        # As texts: an array of arrays can't have arrays of different lengths.
        connection.exec_driver_sql(
            "INSERT INTO leadsearch (lead_id, grams) SELECT u.id, string_to_array(u.runs, E'\\n') "
            "FROM unnest(%s::int[], %s::text[]) AS u(id, runs) "
            "ON CONFLICT (lead_id) DO UPDATE SET grams = excluded.grams",
            (ids, ["\n".join(_all_runs(of_lead)) for _, of_lead in texts]),
        )
    connection.execute(
        update(Lead).where(among(session, col(Lead.id), ids)).values(search_indexed=True)
    )
    return len(new)


def drop(session: Session, ids: Sequence[int]) -> None:
    """Remove leads from the index, and so their names and numbers."""
    drop_from(session.connection(), ids)


def drop_from(connection: Connection, ids: Sequence[int]) -> None:
    """Remove leads from the index of a connection's database."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "DELETE FROM leadsearch WHERE rowid IN (SELECT value FROM json_each(?))",
            (orjson.dumps(ids).decode(),),
        )
    else:
        connection.exec_driver_sql("DELETE FROM leadsearch WHERE lead_id = ANY(%s)", (list(ids),))


def is_behind(session: Session) -> bool:
    """Return whether some leads are not in the index yet."""
    query = select(col(Lead.id)).where(NOT_YET).limit(1)
    return session.connection().scalar(query) is not None


def index_again(session: Session, ids: Sequence[int]) -> None:
    """Note that the names or numbers of leads have changed."""
    change = update(Lead).where(among(session, col(Lead.id), ids)).values(search_indexed=False)
    session.connection().execute(change)


def forget(lead: Lead) -> None:
    """Note that a lead's name, phone or email has changed, so that it is indexed again."""
    lead.search_indexed = False


def _further_numbers(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    query = select(col(LeadPhone.lead_id), col(LeadPhone.phone_key))
    found: dict[int, list[str]] = {}
    of_leads = among(session, col(LeadPhone.lead_id), ids)
    for lead, number in session.connection().execute(query.where(of_leads)):
        found.setdefault(lead, []).append(number)
    return found


def _texts(
    name_key: str,
    phone_key: str | None,
    email_key: str | None,
    name: str | None,
    phone: str | None,
    phone_issue: str | None,
) -> list[str]:
    """Return the keys of a lead, and its name and phone where they are no keys."""
    if phone_issue is not None:
        typed = names.folded(phone)
        phone_key = f"{typed}\n{typed.translate(_WITHOUT_SEPARATORS)}"
    return [name_key or names.folded(name), phone_key or "", email_key or ""]


_WITHOUT_SEPARATORS = str.maketrans("", "", _SEPARATORS)


def _all_runs(texts: Sequence[str]) -> list[str]:
    runs = {run for text in texts for run in _runs(text)}
    return sorted(run for run in runs if "\n" not in run)


def _runs(text: str) -> set[str]:
    return {text[at : at + GRAM] for at in range(len(text) - GRAM + 1)}


def near(
    session: Session, after: ColumnElement[bool], column: Any, many: int, *, down: bool
) -> ColumnElement[bool]:
    """Return the condition of so many leads after a place in a list that is sorted by a time."""
    last = (
        select(column)
        .where(after)
        .order_by(column.desc() if down else column)
        .offset(many)
        .limit(1)
    )
    bound = session.connection().scalar(last)
    if bound is None:
        return true()
    here: ColumnElement[bool] = column >= bound if down else column <= bound
    return here
