"""A claim ends with its holder: what that hasn't settled when it fails is due again at once.

If the database can't be written to at that moment, it is given back before the process claims
anything else. Only the claims of a process that has died have to run out.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from sqlalchemy import update
from sqlmodel import col

from backend.core.db import Database
from backend.models import Delivery, OutboxMessage

log = logging.getLogger("tofa.work")


class Claims:
    """The claims of workers on the rows of a table."""

    def __init__(self, table: type[Delivery | OutboxMessage], claimed: Sequence[str]) -> None:
        self._table = table
        self._claimed = claimed
        # The holders whose claims are still to be given back.
        self._left: WeakKeyDictionary[Database, set[str]] = WeakKeyDictionary()

    @contextmanager
    def held(self, db: Database, holder: str) -> Iterator[None]:
        """Give back what `holder` has claimed and not settled, if the block fails."""
        try:
            yield
        except BaseException:
            self._left.setdefault(db, set()).add(holder)
            try:
                self.give_back(db)
            except Exception:
                log.info("Claims can't be given back now; the next run does that", exc_info=True)
            raise

    def give_back(self, db: Database) -> None:
        """Give back what holders that have failed couldn't. Raises what the database raises."""
        holders = list(self._left.get(db, ()))
        if not holders:
            return
        table = self._table
        with db.write() as session:
            session.connection().execute(
                update(table)
                # By the state: it has an index, and few rows aren't settled.
                .where(col(table.state).in_(self._claimed), col(table.held_by).in_(holders))
                # The try doesn't count.
                .values(held_by=None, claimed_until=None, attempts=col(table.attempts) - 1)
            )
        self._left[db].difference_update(holders)
