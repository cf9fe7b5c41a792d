"""How intake is doing: what waits, what has failed, which forms are silent, and why."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core.intake import silent_forms, webhook_access
from backend.core.intake.meta import backfill, circuit_breaker, form_list, versions
from backend.core.outbox import messages
from backend.core.reasons import Reason, ReasonCode, two_columns
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState
from backend.schemas.health import BackfillHealth, GraphHealth, IntakeHealth, VersionHealth

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
        "new_forms": form_list.new_forms(session),
        "graph_version": _version(session, settings),
        "webhook_open": webhook_access.is_open(settings),
        "outbox": messages.counts(session),
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
    return _refused(session)


# Why Meta gives some leads to no one or not to this token, and the text for so many of them.
_REFUSALS = {
    ReasonCode.PERMISSION: ReasonCode.REFUSED_LEADS,
    ReasonCode.MISSING: ReasonCode.MISSING_LEADS,
}


def _refused(session: Session) -> GraphHealth:
    """Return what Meta refuses: a permission, which only a person can give, may be lacking."""
    found = {reason: _refusal(session, reason) for reason in _REFUSALS}
    texts = [told.text for told in found.values() if told is not None]
    reason = next((reason for reason, told in found.items() if told is not None), None)
    message = ". ".join(texts) or None
    return {"open": True, "reason": reason, "message": message, "paused_until": None}


def _refusal(session: Session, reason: ReasonCode) -> Reason | None:
    """Return how many deliveries Meta refuses for a reason, and what it said of the newest one."""
    refused = (
        col(Delivery.state).in_((DeliveryState.RETRYING, DeliveryState.FAILED)),
        col(Delivery.reason) == reason,
    )
    count = session.connection().scalar(select(func.count()).where(*refused))
    if not count:
        return None
    newest = select(col(Delivery.details)).where(*refused).order_by(col(Delivery.id).desc())
    details = session.connection().scalar(newest.limit(1))
    params: dict[str, Any] = {"count": count}
    if details is not None and (said := two_columns.decode(reason, details)) is not None:
        params["cause"] = said
    return Reason(_REFUSALS[reason], params)


def _version(session: Session, settings: Settings) -> VersionHealth:
    notice = versions.notice(session, settings)
    return {
        "version": settings.meta_graph_version,
        "ends_on": versions.ENDS.get(settings.meta_graph_version),
        "message": notice.reason.text if notice is not None else None,
    }


def _backfill(session: Session) -> BackfillHealth | None:
    marker = backfill.last(session)
    if marker is None:
        return None
    return {
        "reason": marker.reason,
        "message": two_columns.message(marker.reason, marker.details) or "",
        "next_at": marker.until,
    }
