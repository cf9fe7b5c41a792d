"""Archive a center, so that it gets no new leads, and restore it."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core import centers, times
from backend.core.centers import Directory
from backend.core.errors import CenterNotFound
from backend.core.intake import center_aliases, forms
from backend.core.reasons import ReasonCode
from backend.models import (
    Center,
    CenterAlias,
    Delivery,
    DeliveryState,
    Form,
    Lead,
    Page,
    UserCenterLink,
)
from backend.schemas.centers import CenterOut, CenterUse


def archive(session: Session, center_id: int) -> CenterOut:
    """Let a center get no new leads: those that name it wait. All it has stays.

    Raises `CenterNotFound` and `CenterMerged`.
    """
    centers.hold_names(session)
    center = centers.to_change(session, center_id)
    if center.archived_at is None:
        center.archived_at = times.now()
    return centers.show(center)


def restore(session: Session, center_id: int) -> CenterOut:
    """Let a center get leads again, and process those that waited for it.

    Raises `CenterNotFound` and `CenterMerged`.
    """
    centers.hold_names(session)
    center = centers.to_change(session, center_id)
    center.archived_at = None
    session.flush()
    aliases = select(col(CenterAlias.text)).where(col(CenterAlias.center_id) == center_id)
    center_aliases.let_through(session, center.meta_tag_name, *session.scalars(aliases))
    own = select(col(Form.id)).where(col(Form.center_id) == center_id)
    pages = select(col(Page.id)).where(col(Page.center_id) == center_id)
    of_pages = select(col(Form.id)).where(col(Form.page_id).in_(pages))
    forms.reopen_without_center(session, col(Delivery.form_id).in_(own.union(of_pages)))
    return centers.show(center)


def use(session: Session, center_id: int) -> CenterUse:
    """Return what belongs to a center. Raises `CenterNotFound`."""
    if session.get(Center, center_id) is None:
        raise CenterNotFound

    def count(column: Any) -> int:
        query = select(func.count()).where(col(column) == center_id)
        return session.connection().scalar(query) or 0

    return {
        "leads": count(Lead.center_id),
        "people": count(UserCenterLink.center_id),
        "aliases": count(CenterAlias.center_id),
        "forms": count(Form.center_id),
        "pages": count(Page.center_id),
        "waiting": _waiting(session, center_id),
    }


def _waiting(session: Session, center_id: int) -> int:
    """Return how many deliveries wait for an archived center."""
    query = (
        select(col(Delivery.center_text), func.count())
        .where(
            col(Delivery.state) == DeliveryState.WAITING,
            col(Delivery.reason) == ReasonCode.ARCHIVED_CENTER,
        )
        .group_by(col(Delivery.center_text))
    )
    directory = Directory.read(session)
    found = session.connection().execute(query).all()
    return sum(
        count for text, count in found if text and directory.find_archived(text) == center_id
    )
