"""A large academy: `python -m benchmarks.many URL LEADS` fills a database without rows.

It has twenty centers, two years of leads, and campaigns one after the other. Most old leads are
closed, and some of the new ones still have to be called.
"""

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from backend.core.database import bulk_insert
from backend.core.db import Database
from backend.core.leads import search
from backend.core.reports import rollup
from backend.models import Center, Status
from benchmarks import academy

CENTERS = 20
_NAMES = ("Aarav", "Meera", "Zoya", "Kabir", "Ishaan", "Ananya", "Vihaan", "Diya", "Rohan", "Sara")
_FAMILIES = ("Khan", "Rao", "Reddy", "Iyer", "Das", "Nair", "Bose", "Gupta", "Naidu", "Varma")
_COLUMNS = (
    "created_time", "player_name", "player_age_category", "phone", "email", "address", "center_id",
    "leadgen_id", "is_test", "phone_key", "name_key", "email_key", "campaign", "status", "source",
    "called_at", "trialled_at", "joined_at", "lost_at", "lost_reason", "next_followup_date",
    "trial_at",
)  # fmt: skip
_OLD = (Status.CALLED, *[Status.JOINED] * 3, *[Status.DEAD] * 12)
_RECENT = (Status.NEW, Status.CALLED, Status.CALLED, Status.TRIAL_SCHEDULED, Status.DEAD)


def fill(url: str, leads: int) -> academy.Academy:
    """Fill a database without rows, including the search index and the daily totals."""
    made = academy.build(url)
    db = Database(academy.settings_for(url).url)
    with db.write() as session:
        for number in range(len(academy.TOWNS), CENTERS):
            name = f"TOFA {number}"
            session.add(Center(display_name=name, meta_tag_name=name, city="Hyderabad"))
        session.flush()
        centers = [id for id in session.scalars(select(col(Center.id))) if id is not None]
        for batch in bulk_insert.batches(_rows(leads, centers)):
            bulk_insert.insert(session, "lead", _COLUMNS, batch)
    filled = leads
    while filled:
        with db.write() as session:
            filled = search.fill(session, bulk_insert.BATCH)
    filled = leads
    while filled:
        with db.write() as session:
            filled = rollup.refresh(session, academy.settings_for(url).zone)
    if db.engine.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    db.close()
    return made


def _rows(leads: int, centers: list[int]) -> Iterator[tuple[Any, ...]]:
    rng = random.Random(1)
    now = datetime.now(UTC)
    # Two years, or less if some days would have no leads.
    days = min(730, max(20, leads // 10))
    for number in range(leads):
        age = days * (1 - number / leads)
        created = now - timedelta(days=age, seconds=rng.random() * 3600)
        is_recent = age < 14
        status = rng.choice(_RECENT if is_recent or rng.random() < 0.004 else _OLD)
        called = created + timedelta(seconds=rng.expovariate(1 / 20_000))
        name = f"{rng.choice(_NAMES)} {rng.choice(_FAMILIES)}{rng.randrange(1000)}"
        phone, key = f"9{rng.randrange(10**9):09}", name.lower()
        email = f"{key.replace(' ', '.')}@example.com"
        is_open = status in (Status.CALLED, Status.TRIAL_SCHEDULED)
        due = created + timedelta(days=rng.random() * 10) if is_open and is_recent else None
        lost = status == Status.DEAD
        yield (
            created, name, rng.choice(("U7", "U9", "U11", "U13")), phone, email, "1 Lake Road",
            rng.choice(centers), None, False, f"+91{phone}", key, email,
            f"Campaign {number * 60 // leads}" if rng.random() < 0.7 else None, status.value,
            rng.choice(("meta", "meta", "webhook", "upload")),
            None if status == Status.NEW else called,
            called if status in (Status.JOINED, Status.TRIAL_SCHEDULED) else None,
            called if status == Status.JOINED else None, called if lost else None,
            rng.choice(("Other", "Expensive fee")) if lost else None, due,
            created + timedelta(days=3) if status == Status.TRIAL_SCHEDULED else None,
        )  # fmt: skip


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]))
