"""Limit how many files one person, and all people together, can export or upload in an hour.

Changes of whole lists are limited in the same way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from backend.core.access import Person
from backend.core.accounts import windows
from backend.core.accounts.windows import HOUR, Window
from backend.core.db import Database
from backend.core.errors import TooManyChanges, TooManyFiles, TooManyJobs
from backend.core.settings import Settings

# The limit for all people together, as a multiple of the limit for one person.
OF_ALL = 10


class Kind(StrEnum):
    """What is counted. Each kind has its own limit."""

    EXPORT = "export"
    UPLOAD = "upload"
    LIST_CHANGE = "list-change"


@contextmanager
def counted(db: Database, settings: Settings, person: Person, kind: Kind) -> Iterator[None]:
    """Count a file before it is made or read. Raises `TooManyFiles` or `TooManyChanges`.

    A file that found no free slot isn't counted: the client was told to try again. Nor is one that
    is refused here, so nobody can use up the limit that all people share.
    """
    most = settings.files_per_hour
    own = Window(f"{kind}-by/{person.id}", HOUR, most)
    refusal = TooManyChanges if kind is Kind.LIST_CHANGE else TooManyFiles
    attempt = windows.begin(db, [own, Window(kind, HOUR, most * OF_ALL)], refusal)
    try:
        yield
    except TooManyJobs:
        with db.write() as session:
            attempt.take_back(session)
        raise
