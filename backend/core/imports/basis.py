"""Fingerprint the data that the verdicts of a plan depend on.

A plan is usually committed within minutes, and often nobody has changed anything meanwhile. Then
no row can be decided otherwise, and the commit needn't look before it writes.
"""

from hashlib import sha256

import orjson
from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core.centers import Directory
from backend.core.settings import Settings
from backend.models import Delivery, LeadEvent


def read(session: Session, settings: Settings) -> str:
    """Return a text that changes with the leads, their merges, the deliveries and the centers.

    A few changes that leave no line of history don't show in it, such as a delivery that is
    dismissed: each step of a commit decides its rows once more.
    """
    newest = [
        session.connection().scalar(select(func.max(col(id)))) for id in (LeadEvent.id, Delivery.id)
    ]
    known = [*newest, Directory.read(session).content(), settings.phone_region]
    return sha256(orjson.dumps(known)).hexdigest()
