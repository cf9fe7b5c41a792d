"""The values to filter by: those of the newest leads, since reading all would take long."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core.access import Person, visible_to
from backend.core.leads import choices, index_partitions
from backend.core.phones import PhoneIssue
from backend.models import ChoiceKind, Lead, Role
from backend.schemas.leads import FilterOptions

# How many of the newest leads are read, and how many values of each kind are offered.
_NEWEST = 2_000
_MOST = 200


def show(session: Session, person: Person) -> FilterOptions:
    """Return the values of the newest leads that a person may see, in alphabetical order.

    All leads with an unreadable phone count, since they are few. Sources and ages from the lists
    are included, whether or not a lead has them yet.
    """
    created = col(Lead.created_time)
    leads = select(col(Lead.source), col(Lead.campaign), col(Lead.player_age_category))
    leads = leads.where(visible_to(person, in_order=True)).limit(_NEWEST)
    if person.role == Role.TEAM_LEAD:
        leads = leads.order_by(created.desc())
    else:
        own = index_partitions.firsts(
            index_partitions.of_centers(session, person), [], created, _NEWEST, down=True
        )
        # `coalesce` makes the database sort these few instead of reading all leads in order.
        leads = leads.where(col(Lead.id).in_(own)).order_by(func.coalesce(created, created).desc())
    found = session.connection().execute(select(leads.subquery()).distinct()).all()
    sources = choices.texts(session, person, ChoiceKind.SOURCE)
    ages = choices.texts(session, person, ChoiceKind.AGE_GROUP)
    return {
        "sources": _offered((source for source, _, _ in found), sources),
        "campaigns": _offered(campaign for _, campaign, _ in found),
        "age_categories": _offered((age for _, _, age in found), ages),
        "phone_issues": [issue.value for issue in PhoneIssue if _has(session, person, issue)],
    }


def _has(session: Session, person: Person, issue: PhoneIssue) -> bool:
    """Return whether a person may see a lead whose phone has an issue."""
    query = select(col(Lead.id)).where(col(Lead.phone_issue) == issue.value, visible_to(person))
    return session.connection().scalar(query.limit(1)) is not None


def _offered(values: Iterable[str | None], listed: Iterable[str] = ()) -> list[str]:
    """Return the values of leads, and those of lists, which may have no lead yet."""
    return sorted({value for value in (*listed, *values) if value})[:_MOST]
