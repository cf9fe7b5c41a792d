"""How intake is doing: what waits, what has failed, which forms are silent, and why."""

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core.intake import reason_texts, silent_forms
from backend.core.intake.meta import backfill, circuit_breaker
from backend.core.intake.reason_texts import Reason, ReasonCode
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState
from backend.schemas.health import BackfillHealth, GraphHealth, IntakeHealth

# What is still to become a lead.
_UNSETTLED = (DeliveryState.RECEIVED, DeliveryState.WAITING, DeliveryState.RETRYING)


def show(session: Session, settings: Settings) -> IntakeHealth:
    """Return how intake is doing."""
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
            "message": circuit_breaker.cause(pause).text,
            "paused_until": pause.until,
        }
    closed = circuit_breaker.closed(session, settings)
    if closed is not None:
        return {"open": False, "reason": closed.code, "message": closed.text, "paused_until": None}
    refused = _refused(session)
    if not refused:
        return {"open": True, "reason": None, "message": None, "paused_until": None}
    message = Reason(ReasonCode.REFUSED_LEADS, {"count": refused}).text
    return {
        "open": True,
        "reason": ReasonCode.PERMISSION,
        "message": message,
        "paused_until": None,
    }


def _refused(session: Session) -> int:
    """Return how many deliveries need a permission, which only a person can give the token."""
    query = select(func.count()).where(
        col(Delivery.state).in_((DeliveryState.RETRYING, DeliveryState.FAILED)),
        col(Delivery.reason) == ReasonCode.PERMISSION,
    )
    return session.connection().scalar(query) or 0


def _backfill(session: Session) -> BackfillHealth | None:
    marker = backfill.last(session)
    if marker is None:
        return None
    return {
        "reason": marker.reason,
        "message": reason_texts.message(marker.reason, marker.details) or "",
        "next_at": marker.until,
    }
