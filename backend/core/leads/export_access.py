"""Who may export leads: team leads and members, and observers where a setting allows it.

An installation that had observers before OBSERVERS_EXPORT existed lets them export until it is set.
"""

import logging

from backend.core import marks
from backend.core.access import Person
from backend.core.db import Database
from backend.core.errors import Forbidden
from backend.core.settings import Settings
from backend.models import Role

log = logging.getLogger("tofa")

# The mark of an installation that had observers, who could export.
WAS_ALLOWED = "observers_exported"


class ExportForbidden(Forbidden):
    """The person sees leads, but may not take them out."""

    detail = "Observers can't export leads here. Ask a team lead for the file"


def decided(db: Database, settings: Settings) -> Settings:
    """Return the settings in which it is decided whether observers may export, at a start."""
    given = settings.observers_export
    was_allowed = marks.is_kept(db, WAS_ALLOWED, is_decided=given is not None)
    if was_allowed:
        log.warning(
            "Observers can still export leads, as they could before an upgrade. "
            "Set OBSERVERS_EXPORT to true or false"
        )
    if given is None:
        return settings.model_copy(update={"observers_export": was_allowed})
    return settings


def allows(settings: Settings, person: Person) -> bool:
    """Return whether a person may export leads; the settings are as `decided` returns them."""
    return person.role in (Role.TEAM_LEAD, Role.TEAM_MEMBER) or bool(settings.observers_export)


def check(settings: Settings, person: Person) -> None:
    """Raise `ExportForbidden` if the person may not export leads."""
    if not allows(settings, person):
        raise ExportForbidden
