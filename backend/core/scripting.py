"""The functions for scripts, such as `backend.core.leads.update_lead`. See docs/scripts.md.

They take the script's session. Functions that write end its transaction, commit a short transaction
of their own, and return models that the session has reloaded.
"""

from datetime import date
from typing import cast

from pydantic import ValidationError
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import auth, installation, times
from backend.core.access import Person, visible_to
from backend.core.calling.targets import Handling
from backend.core.errors import BadRequest, Forbidden, Invalid, UserNotFound
from backend.core.imports import upload
from backend.core.imports.dataframe import Frame, read_frame
from backend.core.intake import parsing
from backend.core.intake.webhook import refusal
from backend.core.leads import adding, changes, merged
from backend.models import Lead, Role, User
from backend.schemas.imports import Imported, UnknownCenters
from backend.schemas.leads import LeadChange

FILENAME = "Imported by a script"
_EDITORS = (Role.TEAM_LEAD, Role.TEAM_MEMBER)


def get_leads_for_user(db: Session, user: User | Person) -> list[Lead]:
    """Return the leads that a person can see, in the order of their ids.

    A team lead sees all leads. Anyone else sees the leads of their own centers.
    """
    person = user if isinstance(user, Person) else auth.person_of(db, user)
    return list(db.scalars(select(Lead).where(visible_to(person)).order_by(col(Lead.id))))


def get_lead_by_id(db: Session, lead_id: int | None) -> Lead | None:
    """Return the lead, or None; for a merged lead, the one that it's part of now."""
    if lead_id is None:
        return None
    return db.get(Lead, lead_id) or db.get(Lead, merged.current_id(db, lead_id) or 0)


def update_lead(
    db: Session,
    lead_id: int,
    status: str,
    next_date: date | str | None = None,
    comment: str | None = None,
    user_id: int | None = None,
) -> Lead:
    """Log the outcome of a call as `PUT /leads/{id}` does, and commit.

    `next_date` is a date, a datetime or an ISO text. Without an offset it is in the settings' zone;
    None leaves the follow-up unchanged. With a `user_id` the change is made as that person, with
    their permissions. Without one it is made as the system.

    Raises `LeadNotFound`, also for a lead the person can't see, `Invalid`, `UserNotFound` and
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
            lead = changes.lock(db, lead_id)
        else:
            lead = changes.find(db, _editor(db, user_id), lead_id)
        changes.note(db, lead, change, user_id, zone, times.now())
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
    """Add a lead as the flat webhook does, and commit. Return the new or the existing lead.

    The same phone and name is the same lead: the enquiry is added to its history, and a dead lead
    becomes `New` again. Raises `BadRequest` if the phone or the center is missing, or the center is
    unknown.
    """
    answers = {
        "phone_number": phone,
        "full_name": name,
        "email_address": email,
        "nearest_center": center_tag,
        "player_age_category": age_category,
        "address_and_pincode": address,
    }
    with installation.writing(db):
        delivery = parsing.from_flat(db, answers, times.now())
        if isinstance(delivery, parsing.Waiting):
            raise BadRequest(refusal(delivery.reason, delivery.center_text))
        settings = installation.settings()
        handling = Handling.read(db, settings)
        placed = adding.add(db, delivery, settings.phone_region, handling=handling)
    return db.get_one(Lead, placed.lead_id, populate_existing=True)


def import_leads_from_dataframe(db: Session, df: Frame, meta_col: str) -> tuple[int, list[str]]:
    """Import the rows of a table as an upload does. Return the number of new leads.

    `df` is any object with pandas' `columns` and `itertuples`. `meta_col` is the column with the
    center; the other columns have their usual names (docs/imports.md). None, NaN, NaT and NA count
    as blank.

    If a center is unknown, nothing is imported, and the second value lists the unknown texts.
    Raises `BadRequest` if the column doesn't exist.
    """
    settings = installation.settings()
    header, read = read_frame(df, meta_col, settings.zone, settings.phone_region)
    # The import writes in short steps, in units of work of its own.
    db.commit()
    db.expire_all()
    database = installation.database_of(db)
    answer = upload.add(database, settings, None, FILENAME, header, read)
    if answer["status"] == "error":
        return 0, cast(UnknownCenters, answer)["unknown_tags"]
    return cast(Imported, answer)["leads_added"], []
