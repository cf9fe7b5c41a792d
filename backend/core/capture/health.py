"""How the way in is: what waits, what was given up, which forms are silent, and why."""

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core.capture import backfill, graph_state, silence
from backend.core.settings import Settings
from backend.models import Capture, CaptureState
from backend.schemas.health import BackfillHealth, CaptureHealth, GraphHealth

# What is still to become a lead.
_UNSETTLED = (CaptureState.RECEIVED, CaptureState.WAITING, CaptureState.FAILED)


def show(session: Session, settings: Settings) -> CaptureHealth:
    counts = _counts(session)
    return {
        "signature_set": _is_set(settings, "meta_app_secret"),
        "verify_token_set": _is_set(settings, "meta_verify_token"),
        "access_token_set": _is_set(settings, "meta_access_token"),
        "webhook_token_set": _is_set(settings, "webhook_token"),
        "graph": _graph(session, settings),
        "backfill": _backfill(session),
        "states": counts,
        "oldest_waiting": session.scalar(
            select(func.min(col(Capture.received_at))).where(col(Capture.state).in_(_UNSETTLED))
        ),
        "dead_letters": counts[CaptureState.DEAD],
        "silent_forms": silence.silent_forms(session),
    }


def _is_set(settings: Settings, name: str) -> bool:
    return bool(getattr(settings, name).get_secret_value())


def _counts(session: Session) -> dict[str, int]:
    query = select(col(Capture.state), func.count()).group_by(col(Capture.state))
    found = {state: int(count) for state, count in session.connection().execute(query)}
    return {state.value: found.get(state, 0) for state in CaptureState}


def _graph(session: Session, settings: Settings) -> GraphHealth:
    pause = graph_state.current(session, settings)
    if pause is not None:
        return {
            "open": False,
            "reason": pause.reason,
            "note": pause.note,
            "paused_until": pause.until,
        }
    reason = note = None
    is_open = graph_state.is_open(session, settings)
    if not is_open:
        reason, note = "no_token", "META_ACCESS_TOKEN is not set"
    elif refused := _refused(session):
        leads = "1 lead" if refused == 1 else f"{refused:,} leads"
        reason, note = "permission", f"Meta does not let this token read {leads}"
    return {"open": is_open, "reason": reason, "note": note, "paused_until": None}


def _refused(session: Session) -> int:
    """How many deliveries want a permission, which nobody but a person can give the token."""
    query = select(func.count()).where(
        col(Capture.state).in_((CaptureState.FAILED, CaptureState.DEAD)),
        col(Capture.reason) == "permission",
    )
    return session.connection().scalar(query) or 0


def _backfill(session: Session) -> BackfillHealth | None:
    marker = backfill.last(session)
    if marker is None:
        return None
    return {"reason": marker.reason, "note": marker.note, "next_at": marker.until}
