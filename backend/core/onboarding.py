"""The setup steps of a new installation: what is done, and whether Meta can be reached."""

from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.intake import webhook_access
from backend.core.intake.meta import form_list, graph_client, permissions, versions
from backend.core.intake.meta.graph_errors import GraphError
from backend.core.reasons import Reason
from backend.core.settings import Settings
from backend.models import Center, Delivery, Import, Lead, Source, User
from backend.schemas.system import Check, MetaCheck, MetaSetup, Onboarding

WEBHOOK = "/leads/meta-webhook/"
# How many forms a check names.
MOST_NAMED = 10


def show(session: Session, settings: Settings) -> Onboarding:
    """Return which setup steps are done, and the settings for Meta."""
    return {
        "centers": _count(session, col(Center.id)),
        "people": _count(session, col(User.id)),
        "leads": _any(session, col(Lead.id)),
        "imports": _any(session, col(Import.id)),
        "meta": _meta(session, settings),
        "webhook": webhook_access.show(settings),
    }


def _meta(session: Session, settings: Settings) -> MetaSetup:
    # The verify token and the webhook's own one are shown: a team lead copies them to Meta and to
    # forms.
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
    """Check the settings for Meta, and if there is a token, ask Meta what it may do."""
    app_secret = settings.meta_app_secret.get_secret_value()
    checks = [
        _check("verify_token", settings.meta_verify_token.get_secret_value(), "META_VERIFY_TOKEN"),
        _check("app_secret", app_secret, "META_APP_SECRET"),
        _check("access_token", settings.meta_access_token.get_secret_value(), "META_ACCESS_TOKEN"),
    ]
    if checks[-1]["ok"]:
        with closing(graph_client.Client.of(settings)) as client:
            checks += _ask(client, settings)
    return {"ok": all(one["ok"] for one in checks), "checks": checks}


def _ask(client: graph_client.Client, settings: Settings) -> list[Check]:
    """Ask Meta what works with the token; what an answer says of the API's version comes last."""
    error = client.check()
    message = "Meta responds" if error is None else error.cause.text
    checks: list[Check] = [{"name": "graph", "ok": error is None, "message": message}]
    if error is None:
        found = permissions.read(client)
        for name in permissions.NEEDED:
            ok = not isinstance(found, Reason) and permissions.is_granted(found, name)
            message = permissions.message(found, name)
            checks.append({"name": name, "ok": ok, "message": message})
        checks.append(_forms(client))
    return [*checks, _version(client, settings)]


def _forms(client: graph_client.Client) -> Check:
    """Return whether forms are found, with their names: without them there are no leads."""
    names: list[str] = []
    for page in form_list.pages(client):
        for one in [page] if isinstance(page, GraphError) else form_list.forms_of(page):
            if isinstance(one, GraphError):
                message = f"Meta's forms can't be listed. {one.cause.text}"
                return {"name": "forms", "ok": False, "message": message}
            names.append(f"{one.get('name') or one['id']}")
    if not names:
        message = "No forms found: give the system user access to the page, and create a form on it"
        return {"name": "forms", "ok": False, "message": message}
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    message = f"Forms found: {', '.join(names[:MOST_NAMED])}{more}"
    return {"name": "forms", "ok": True, "message": message}


def _version(client: graph_client.Client, settings: Settings) -> Check:
    version = settings.meta_graph_version
    ending = versions.ends_soon(version, times.now().date())
    reason = ending.reason if ending is not None else client.notice
    message = f"Version {version} of Meta's Graph API is up to date"
    if reason is not None:
        message = reason.text
    return {"name": "graph_version", "ok": reason is None, "message": message}


def _check(name: str, value: str, setting: str) -> Check:
    message = f"{setting} is set" if value else f"{setting} is not set on the server"
    return {"name": name, "ok": bool(value), "message": message}


def _count(session: Session, column: Any) -> int:
    return session.connection().scalar(select(func.count(column))) or 0


def _any(session: Session, column: Any) -> bool:
    return session.connection().scalar(select(column).limit(1)) is not None
