"""What scripts call: `from backend.core.leads import update_lead`, … See docs/scripts.md.

They take the session that the script keeps. Those that write end its transaction, commit a short
one of their own, and return models that the session has read again.
"""

from datetime import date
from typing import cast

from pydantic import ValidationError
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import auth, installation, times
from backend.core.access import Person, visible_to
from backend.core.errors import BadRequest, Forbidden, Invalid, LeadNotFound, UserNotFound
from backend.core.imports import upload
from backend.core.imports.dataframe import Frame, read_frame
from backend.core.intake import parsing
from backend.core.intake.webhook import refusal
from backend.core.leads import adding, changes
from backend.models import Lead, Role, User
from backend.schemas.imports import Imported, UnknownCenters
from backend.schemas.leads import LeadChange

FILENAME = "Imported by a script"
_EDITORS = (Role.TEAM_LEAD, Role.TEAM_MEMBER)


def get_leads_for_user(db: Session, user: User | Person) -> list[Lead]:
    """Return the leads that a person may see, in the order of their ids.

    A team lead sees all, any other person those of their centers.
    """
    person = user if isinstance(user, Person) else auth.person_of(db, user)
    return list(db.scalars(select(Lead).where(visible_to(person)).order_by(col(Lead.id))))


def get_lead_by_id(db: Session, lead_id: int) -> Lead | None:
    """Return the lead, or None."""
    return db.get(Lead, lead_id)


def update_lead(
    db: Session,
    lead_id: int,
    status: str,
    next_date: date | str | None = None,
    comment: str | None = None,
    user_id: int | None = None,
) -> Lead:
    """Note the outcome of a call as `PUT /leads/{id}` does, and commit.

    `next_date` is a date, a datetime or an ISO text; without an offset it is in the settings' zone,
    and None leaves the follow-up as it is. With a `user_id` that person does it, and must be
    allowed to; without one it is done by nobody in particular, as by the owner of the host.

    Raises `LeadNotFound`, also for one that the person may not see, `Invalid`, `UserNotFound` and
    `Forbidden`.
    """
    text = next_date.isoformat() if isinstance(next_date, date) else next_date
    try:
        change = LeadChange(status=status, next_date=text, comment=comment)
    except ValidationError as error:
        raise Invalid.of(error, "query") from None
    zone = installation.settings().zone
    with installation.writing(db):
        if user_id is None:
            lead = db.get(Lead, lead_id, with_for_update=True)
            if lead is None:
                raise LeadNotFound
        else:
            lead = changes.find(db, _editor(db, user_id), lead_id)
        changes.note(db, lead, change, user_id, zone)
    db.refresh(lead)
    return lead


def _editor(db: Session, user_id: int) -> Person:
    user = db.get(User, user_id)
    if user is None or user.disabled:
        raise UserNotFound
    if user.role not in _EDITORS:
        raise Forbidden
    return auth.person_of(db, user)


def create_lead_from_meta(
    db: Session,
    phone: str,
    name: str | None,
    email: str | None,
    center_tag: str,
    age_category: str | None,
    address: str | None,
) -> Lead:
    """Add a lead as the flat webhook does, and commit. Return it, or the one that it has joined.

    The same phone and name is the same lead: it gets a line in its history, and a dead one is `New`
    again. Raises `BadRequest` where the phone or the center is missing, or the center is unknown.
    """
    said = {
        "phone_number": phone,
        "full_name": name,
        "email_address": email,
        "nearest_center": center_tag,
        "player_age_category": age_category,
        "address_and_pincode": address,
    }
    with installation.writing(db):
        try:
            delivery = parsing.from_flat(db, said, times.now())
        except ValidationError as error:
            raise Invalid.of(error, "body") from None
        if isinstance(delivery, parsing.Waiting):
            raise BadRequest(refusal(delivery.reason, delivery.center_text))
        placed = adding.add(db, delivery, installation.settings().phone_region)
    return db.get_one(Lead, placed.lead_id, populate_existing=True)


def import_leads_from_dataframe(db: Session, df: Frame, meta_col: str) -> tuple[int, list[str]]:
    """Add the rows of a table as an upload does. Return how many leads were added.

    `df` is anything with pandas' `columns` and `itertuples`; `meta_col` is the column of the
    center, the others go by their usual names (docs/imports.md). Blank are None, NaN, NaT and NA.

    Where a center is unknown nothing is added, and the second value has the texts that no one
    knows. Raises `BadRequest` where there is no such column.
    """
    settings = installation.settings()
    header, read = read_frame(df, meta_col, settings.zone)
    # The leads are written in short steps, through the database's own units of work.
    db.commit()
    db.expire_all()
    database = installation.database_of(db)
    answer = upload.add(database, settings, None, FILENAME, header, read)
    if answer["status"] == "error":
        return 0, cast(UnknownCenters, answer)["unknown_tags"]
    return cast(Imported, answer)["leads_added"], []
