"""Recognise people who were erased, if a retry, a backfill or an old file brings them again.

What they would be matched by is kept as a hash with a key that isn't in the database, so that
nobody who has the database alone can try out all phone numbers. An enquiry that was made after the
erasure is a new one: it becomes a lead. So only these are erased again:

- one with an id of Meta's that an erased lead had
- one whose time is no later than the erasure, or that has none
- one of the flat form, whose time is that of its arrival, within `RETRIES` after it

A number or an email alone is enough if no lead of the household was left; otherwise the name has to
be the same, too.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import names
from backend.core.database import pipeline, upsert
from backend.core.database.bulk_insert import among
from backend.core.leads import match_keys
from backend.core.leads.match_keys import EMAIL, TEST, MatchKeys
from backend.core.leads.matching import Candidate
from backend.models import ErasedKey, Source

# How long senders retry: Meta for 36 hours.
RETRIES = timedelta(hours=48)
_OF_THE_KEY = "key"
# Before a phone that can't be read.
TYPED = "typed:"
# In hexadecimal digits.
_LENGTH = 40


def hash_of(secret: bytes, text: str) -> str:
    """Return the keyed hash of a text, in hexadecimal digits."""
    return hmac.digest(secret, text.encode(), "sha256").hex()[:_LENGTH]


def places(
    numbers: Iterable[str], email: str | None, typed: str | None, *, is_test: bool
) -> list[str]:
    """Return what a person is found by: valid numbers, the email, or what stands for a phone."""
    found = list(numbers)
    if not found and typed and (folded := names.folded(typed)):
        found.append(f"{TYPED}{folded}")
    if email is not None and match_keys.is_address(email):
        found.append(f"{EMAIL}{match_keys.email_key(email)}")
    return [f"{TEST}{one}" for one in found] if is_test else found


def with_name(place: str, name_key: str) -> str:
    """Return the text that is hashed where other leads of the household were left."""
    return f"{place}\0{name_key}"


def of_id(leadgen_id: str) -> str:
    """Return the text that is hashed for one of Meta's ids."""
    return f"leadgen:{leadgen_id}"


def keep(
    session: Session, secret: bytes, texts: Iterable[str], erased_id: int, at: datetime
) -> None:
    """Keep the hashes of an erased lead, and one that tells which key they were made with."""
    hashes = sorted({hash_of(secret, text) for text in (_OF_THE_KEY, *texts)})
    rows = [{"hash": one, "erased_id": erased_id, "at": at} for one in hashes]
    if rows:
        statement = upsert.insert(session, ErasedKey).on_conflict_do_nothing()
        session.connection().execute(statement, rows)


class Texts:
    """What one enquiry would be recognised by."""

    def __init__(
        self,
        found: Sequence[str],
        name_key: str,
        leadgen_id: str | None,
        until: datetime | None,
    ) -> None:
        # The last time of an erasure that it isn't erased by: None if any erases it.
        self._after = until
        self._id = of_id(leadgen_id) if leadgen_id else None
        self._others = [*found, *(with_name(one, name_key) for one in found)]

    @classmethod
    def of(cls, candidate: Candidate, keys: MatchKeys) -> "Texts":
        """Return the texts of an incoming lead with its keys."""
        is_test = candidate.is_test
        found = places(keys.phone.numbers, candidate.email, candidate.phone, is_test=is_test)
        until = candidate.created_time
        if candidate.source == Source.FLAT:
            until -= RETRIES
        return cls(found, keys.name, candidate.leadgen_id, until)

    @property
    def all(self) -> list[str]:
        return self._others if self._id is None else [self._id, *self._others]

    def condition(self, secret: bytes) -> str:
        """Return the condition, in PostgreSQL's words, that no erasure erases it again."""
        if secret not in _has_erased:
            # Nothing has to be hashed. If someone was erased, the slower way finds that.
            return "NOT EXISTS (SELECT FROM erasedkey)"
        # Hexadecimal digits and a time: nothing that a stranger has written.
        hashes = ", ".join(f"'{hash_of(secret, text)}'" for text in self.all)
        if not hashes or self._after is None:
            return "true"
        after = self._after.isoformat()
        return (
            f"NOT EXISTS (SELECT FROM erasedkey WHERE hash IN ({hashes})"
            f" AND at >= '{after}'::timestamptz)"
        )

    def is_erased(self, secret: bytes, found: Mapping[str, datetime]) -> bool:
        """Return whether one of the hashes that were `found`, with their times, erases it."""
        if self._id is not None and hash_of(secret, self._id) in found:
            return True
        times = [found.get(hash_of(secret, text)) for text in self._others]
        return any(at is not None and (self._after is None or at >= self._after) for at in times)


# The keys of installations in which this process has seen that someone was erased.
_has_erased: set[bytes] = set()


def is_anyone_erased(session: Session, secret: bytes) -> bool:
    """Return whether anyone was ever erased. Mostly not, and nothing has to be hashed."""
    # At every delivery: building the query by SQLAlchemy would take ten times as long.
    (found,) = pipeline.run(session, ("SELECT 1 FROM erasedkey LIMIT 1", ()))
    if found:
        _has_erased.add(secret)
    return bool(found)


def is_key_lost(session: Session, secret: bytes) -> bool:
    """Return whether people were erased with another key: it was replaced since."""
    if not is_anyone_erased(session, secret):
        return False
    of_key = col(ErasedKey.hash) == hash_of(secret, _OF_THE_KEY)
    own = select(col(ErasedKey.erased_id)).where(of_key)
    others = select(col(ErasedKey.erased_id)).where(col(ErasedKey.erased_id).not_in(own))
    return session.connection().scalar(others.limit(1)) is not None


def find(session: Session, secret: bytes, wanted: Sequence[Texts]) -> list[bool]:
    """Return for each enquiry whether it is erased again."""
    texts = chain.from_iterable(one.all for one in wanted)
    hashes = {hash_of(secret, text) for text in texts}
    query = select(col(ErasedKey.hash), col(ErasedKey.at))
    found: dict[str, datetime] = {}
    same = among(session, col(ErasedKey.hash), sorted(hashes))
    for one, at in session.connection().execute(query.where(same)):
        found[one] = max(at, found.get(one, at))
    return [one.is_erased(secret, found) for one in wanted]


def is_erased(session: Session, secret: bytes, candidate: Candidate, region: str) -> bool:
    """Return whether an incoming lead is of an erased person, and not a new enquiry."""
    if not is_anyone_erased(session, secret):
        return False
    (answer,) = find(session, secret, [Texts.of(candidate, candidate.keys(region))])
    return answer


def of_ids(session: Session, secret: bytes, leadgen_ids: Iterable[str]) -> set[str]:
    """Return those of Meta's ids that erased leads had."""
    ids = list(dict.fromkeys(leadgen_ids))
    answers = find(session, secret, [Texts((), "", one, None) for one in ids])
    return {one for one, is_erased in zip(ids, answers, strict=True) if is_erased}
