"""The changes of centers that can be undone: merges, and aliases that were reverted."""

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import audit, centers
from backend.core.access import Person
from backend.core.audit import Event, Subject
from backend.core.db import Database
from backend.core.errors import ChangeNotFound, Conflict
from backend.core.intake import alias_reverting, center_merging
from backend.models import CenterChange, User
from backend.schemas.centers import CenterChangeOut
from backend.schemas.leads import Restored

# The newest are listed.
_MOST = 50


def list_newest(session: Session) -> list[CenterChangeOut]:
    """Return the newest changes, the newest first."""
    query = (
        select(CenterChange, col(User.full_name))
        .join(User, col(User.id) == col(CenterChange.user_id), isouter=True)
        .order_by(col(CenterChange.id).desc())
        .limit(_MOST)
    )
    return [
        {
            "id": change.id or 0,
            "kind": change.kind,
            "center_id": change.center_id,
            "into_id": change.into_id,
            "text": change.data.get("text"),
            "who": who,
            "at": change.at,
            "undone": change.undone,
        }
        for change, who in session.execute(query).all()
    ]


def undo(db: Database, by: Person, change_id: int) -> Restored:
    """Undo a change. What has moved on since stays where it is.

    Returns how many leads moved back, and which ones stay. Raises `ChangeNotFound` and `Conflict`.
    """
    with db.write() as session:
        change = session.get(CenterChange, change_id, with_for_update=True)
        if change is None:
            raise ChangeNotFound
        center_merging.hold_forms(session, change.into_id)
        centers.hold_names(session)
        if change.undone:
            raise Conflict("This change has already been undone")
        kept, moved = center_merging.kept_and_moved(session, change)
        change.undone = True
        audit.record(
            session,
            Event.CENTER_CHANGE_UNDONE,
            by=by.id,
            subject=Subject.CENTER_CHANGE,
            subject_id=change_id,
        )
        # Its leads move back in steps, each with a line of history that says who has done it.
        change.data = change.data | {"undone_by": by.id}
        if change.kind == center_merging.MERGE:
            center_merging.undo(session, change)
        else:
            alias_reverting.undo(session, by, change)
    center_merging.finish(db)
    return {"restored": moved - len(kept), "kept": kept}
