"""The setup steps of a new installation: what is done, and whether Meta can be reached."""

from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core.intake.meta import graph_client
from backend.core.settings import Settings
from backend.models import Center, Delivery, Import, Lead, Source, User
from backend.schemas.system import Check, MetaCheck, MetaSetup, Onboarding

WEBHOOK = "/leads/meta-webhook/"


def show(session: Session, settings: Settings) -> Onboarding:
    """Return which setup steps are done, and the settings for Meta."""
    return {
        "centers": _count(session, col(Center.id)),
        "people": _count(session, col(User.id)),
        "leads": _any(session, col(Lead.id)),
        "imports": _any(session, col(Import.id)),
        "meta": _meta(session, settings),
    }


def _meta(session: Session, settings: Settings) -> MetaSetup:
    # The verify token is the one secret to show: a team lead copies it to Meta.
    last: datetime | None = session.scalar(
        select(func.max(col(Delivery.received_at))).where(col(Delivery.source) == Source.META)
    )
    return {
        "webhook_path": WEBHOOK,
        "verify_token": settings.meta_verify_token.get_secret_value() or None,
        "app_secret": bool(settings.meta_app_secret.get_secret_value()),
        "access_token": bool(settings.meta_access_token.get_secret_value()),
        "last_delivery_at": last,
    }


def check(settings: Settings) -> MetaCheck:
    """Check the settings for Meta, and if there is a token, send Meta one short request."""
    app_secret = settings.meta_app_secret.get_secret_value()
    checks = [
        _check("verify_token", settings.meta_verify_token.get_secret_value(), "META_VERIFY_TOKEN"),
        _check("app_secret", app_secret, "META_APP_SECRET"),
        _check("access_token", settings.meta_access_token.get_secret_value(), "META_ACCESS_TOKEN"),
    ]
    if checks[-1]["ok"]:
        with closing(graph_client.Client.of(settings)) as client:
            error = client.check()
        message = "Meta responds" if error is None else error.cause.text
        checks.append({"name": "graph", "ok": error is None, "message": message})
    return {"ok": all(one["ok"] for one in checks), "checks": checks}


def _check(name: str, value: str, setting: str) -> Check:
    message = f"{setting} is set" if value else f"{setting} is not set on the server"
    return {"name": name, "ok": bool(value), "message": message}


def _count(session: Session, column: Any) -> int:
    return session.connection().scalar(select(func.count(column))) or 0


def _any(session: Session, column: Any) -> bool:
    return session.connection().scalar(select(column).limit(1)) is not None
