"""Helpers that add deliveries and read their outcomes."""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import col

from backend.core import times
from backend.core.db import Database
from backend.core.intake import deliveries, processing
from backend.core.settings import Settings
from backend.models import Delivery, Lead, LeadEvent, Source
from tests.told import FakeGraph, notification
from tests.world import World, settings_for

# The leads that the academy has before any test.
LEADS = 2


def with_token(world: World) -> Settings:
    """The settings of the world, with a token for the Graph API."""
    return settings_for(world.settings.database_url, meta_access_token="token")


def notify(db: Database, *leadgen_ids: str | int, **more: Any) -> int:
    """Store a notification. Returns its id."""
    with db.write() as session:
        return deliveries.keep(session, Source.META, json.dumps(notification(*leadgen_ids)), **more)


def flat(db: Database, **said: Any) -> int:
    """Store a delivery of the flat form for a worker. Returns its id."""
    body = {"phone_number": "9848022338", "nearest_center": "TOFA Tellapur"} | said
    with db.write() as session:
        return deliveries.keep(session, Source.FLAT, json.dumps(body))


def work_off(db: Database, settings: Settings, graph: FakeGraph | None = None) -> int:
    """Work until nothing is due. Returns how many deliveries."""
    done = 0
    while batch := processing.run_once(db, settings, graph or FakeGraph()):
        done += batch
    return done


def make_due(db: Database) -> None:
    """Make everything due that is to be retried."""
    past = times.now() - timedelta(seconds=1)
    with db.write() as session:
        session.execute(
            update(Delivery).where(col(Delivery.due_at).is_not(None)).values(due_at=past)
        )


def delivery(db: Database, id: int) -> Delivery:
    with db.read() as session:
        return session.get_one(Delivery, id)


def all_deliveries(db: Database) -> list[Delivery]:
    with db.read() as session:
        return list(session.scalars(select(Delivery).order_by(col(Delivery.id))))


def leads(db: Database, after: int = LEADS) -> list[Lead]:
    """Return the leads that the academy didn't have before."""
    with db.read() as session:
        found = select(Lead).where(col(Lead.id) > after)
        return list(session.scalars(found.order_by(col(Lead.id))))


def events(db: Database, lead_id: int) -> list[LeadEvent]:
    with db.read() as session:
        found = select(LeadEvent).where(col(LeadEvent.lead_id) == lead_id)
        return list(session.scalars(found.order_by(col(LeadEvent.id))))


def states(db: Database) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    with db.read() as session:
        query = select(col(Delivery.state), func.count()).group_by(col(Delivery.state))
        return dict(session.execute(query).all())
