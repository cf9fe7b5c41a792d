"""Short ways to put deliveries into a ledger, and to see what became of them."""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import col

from backend.core import times
from backend.core.capture import ledger, work
from backend.core.db import Database
from backend.core.settings import Settings
from backend.models import Capture, Lead, LeadEvent, Source
from tests.told import FakeGraph, notification
from tests.world import World, settings_for

# The leads that the academy has before any test.
LEADS = 2


def with_token(world: World) -> Settings:
    """The settings of the world, with a token for the Graph API."""
    return settings_for(world.settings.database_url, meta_access_token="token")


def notify(db: Database, *leadgen_ids: str | int, **more: Any) -> int:
    """A notification that is kept; its id."""
    with db.write() as session:
        return ledger.keep(session, Source.META, json.dumps(notification(*leadgen_ids)), **more)


def flat(db: Database, **said: Any) -> int:
    """A delivery of the flat form that is kept and left to a worker; its id."""
    body = {"phone_number": "9848022338", "nearest_center": "TOFA Tellapur"} | said
    with db.write() as session:
        return ledger.keep(session, Source.FLAT, json.dumps(body))


def work_off(db: Database, settings: Settings, graph: FakeGraph | None = None) -> int:
    """Works until nothing is due. Answers how many deliveries."""
    done = 0
    while batch := work.run_once(db, settings, graph or FakeGraph()):
        done += batch
    return done


def make_due(db: Database) -> None:
    """As if the time had come for all that is tried again."""
    past = times.now() - timedelta(seconds=1)
    with db.write() as session:
        session.execute(update(Capture).where(col(Capture.due_at).is_not(None)).values(due_at=past))


def capture(db: Database, id: int) -> Capture:
    with db.read() as session:
        return session.get_one(Capture, id)


def captures(db: Database) -> list[Capture]:
    with db.read() as session:
        return list(session.scalars(select(Capture).order_by(col(Capture.id))))


def leads(db: Database, after: int = LEADS) -> list[Lead]:
    """Those that the academy did not have before."""
    with db.read() as session:
        found = select(Lead).where(col(Lead.id) > after)
        return list(session.scalars(found.order_by(col(Lead.id))))


def events(db: Database, lead_id: int) -> list[LeadEvent]:
    with db.read() as session:
        found = select(LeadEvent).where(col(LeadEvent.lead_id) == lead_id)
        return list(session.scalars(found.order_by(col(LeadEvent.id))))


def states(db: Database) -> dict[str, int]:
    """How many deliveries are in each state."""
    with db.read() as session:
        query = select(col(Capture.state), func.count()).group_by(col(Capture.state))
        return dict(session.execute(query).all())
