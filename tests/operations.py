"""What tests ask about an operation of the table."""

from backend.api.operation import Operation
from backend.core.access import Person
from backend.models import Role
from tests.world import LEAD, OBSERVER

# Who sends each request: a stranger, and two people.
SENDERS = (None, Person(4, OBSERVER, Role.OBSERVER), Person(1, LEAD, Role.TEAM_LEAD))


def may_call(operation: Operation, person: Person | None) -> bool:
    access = operation.access
    return not access.signed_in or (person is not None and access.allows(person))


def kind_of(operation: Operation) -> tuple[object, ...]:
    """Return what operations have in common that a server treats alike."""
    return operation.method, operation.body, operation.unit, operation.access.roles
