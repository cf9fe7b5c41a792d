"""How the way in is: what waits, what was given up, which forms are silent, and why."""

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core.intake import silent_forms
from backend.core.intake.meta import backfill, circuit_breaker
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState
from backend.schemas.health import BackfillHealth, GraphHealth, IntakeHealth

# What is still to become a lead.
_UNSETTLED = (DeliveryState.RECEIVED, DeliveryState.WAITING, DeliveryState.RETRYING)


def show(session: Session, settings: Settings) -> IntakeHealth:
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
            select(func.min(col(Delivery.received_at))).where(col(Delivery.state).in_(_UNSETTLED))
        ),
        "failed": counts[DeliveryState.FAILED],
        "silent_forms": silent_forms.silent_forms(session),
    }


def _is_set(settings: Settings, name: str) -> bool:
    return bool(getattr(settings, name).get_secret_value())


def _counts(session: Session) -> dict[str, int]:
    query = select(col(Delivery.state), func.count()).group_by(col(Delivery.state))
    found = {state: int(count) for state, count in session.connection().execute(query)}
    return {state.value: found.get(state, 0) for state in DeliveryState}


def _graph(session: Session, settings: Settings) -> GraphHealth:
    pause = circuit_breaker.current(session, settings)
    if pause is not None:
        return {
            "open": False,
            "reason": pause.reason,
            "note": pause.note,
            "paused_until": pause.until,
        }
    reason = note = None
    is_open = circuit_breaker.is_open(session, settings)
    if not is_open:
        reason, note = "no_token", "META_ACCESS_TOKEN is not set"
    elif refused := _refused(session):
        leads = "1 lead" if refused == 1 else f"{refused:,} leads"
        reason, note = "permission", f"Meta does not let this token read {leads}"
    return {"open": is_open, "reason": reason, "note": note, "paused_until": None}


def _refused(session: Session) -> int:
    """How many deliveries want a permission, which nobody but a person can give the token."""
    query = select(func.count()).where(
        col(Delivery.state).in_((DeliveryState.RETRYING, DeliveryState.FAILED)),
        col(Delivery.reason) == "permission",
    )
    return session.connection().scalar(query) or 0


def _backfill(session: Session) -> BackfillHealth | None:
    marker = backfill.last(session)
    if marker is None:
        return None
    return {"reason": marker.reason, "note": marker.note, "next_at": marker.until}
