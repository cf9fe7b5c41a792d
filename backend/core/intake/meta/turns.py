"""Let one of many processes do periodic work: rows of `Pause` say when it is due again."""

from datetime import timedelta

from sqlmodel import Session, col

from backend.core import times
from backend.core.database import upsert
from backend.core.reasons import ReasonCode
from backend.models import Pause


def is_due(marker: Pause | None, every: timedelta) -> bool:
    """Return whether nobody has done it for that long."""
    return marker is None or not times.now() < marker.until <= times.now() + 2 * every


def take(session: Session, name: str, every: timedelta) -> bool:
    """Return whether it is due, and no other process has taken its turn at this moment."""
    now = times.now()
    statement = upsert.insert(session, Pause).values(
        name=name, until=now + every, reason=ReasonCode.RUNNING, held_for=""
    )
    taken = session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"until": now + every},
            # A marker that is further ahead was made by a clock that ran ahead.
            where=(col(Pause.until) <= now) | (col(Pause.until) > now + 2 * every),
        ).returning(col(Pause.name))
    )
    return taken.first() is not None
