"""What a row of the table is, and what a call of one is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session

from backend.core.access import Person
from backend.core.big_jobs import BigJobs
from backend.core.db import Database
from backend.core.errors import Forbidden, Problem
from backend.core.settings import Settings
from backend.models import Role
from backend.schemas.fields import Schema

# In bytes: what a JSON object or a form without a file may have.
SMALL_BODY = 1 << 20


class Unit(Enum):
    """The unit of work that an operation runs in."""

    READ = auto()
    WRITE = auto()
    # It opens its own, short ones: it does slow work in between.
    OWN = auto()
    # It never asks the database, and is answered without one.
    NONE = auto()


class Body(Enum):
    """The form that a body comes in."""

    NONE = auto()
    JSON = auto()
    FORM = auto()
    FILE = auto()
    # The bytes as they came; `body_model` is for the document alone.
    RAW = auto()


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call an operation: anyone, or who is signed in, with one of the roles if any."""

    signed_in: bool = True
    roles: frozenset[str] | None = None
    refusal: type[Forbidden] = Forbidden

    def allows(self, person: Person) -> bool:
        return self.roles is None or person.role in self.roles


ANYONE = Access(signed_in=False)
SIGNED_IN = Access()
TEAM_LEAD = Access(roles=frozenset({Role.TEAM_LEAD}))
EDITORS = Access(roles=frozenset({Role.TEAM_LEAD, Role.TEAM_MEMBER}))


@dataclass(frozen=True, slots=True)
class Call:
    """What a core function may need to answer one request.

    `headers` are the request's, with names in lower case; `path`, `query` and `body` are of the
    models that the operation names; `address` is the client's. `wake` tells those who work in the
    background that there is something to do; `big_jobs` has the places of large jobs. Asking for
    what the operation has not is a mistake of the table, and fails.
    """

    settings: Settings
    db: Database
    address: str
    big_jobs: BigJobs
    wake: Callable[[], None]
    headers: Mapping[str, str]
    path: Any
    query: Any
    body: Any
    known_person: Person | None
    open_session: Session | None

    @property
    def person(self) -> Person:
        assert self.known_person is not None
        return self.known_person

    @property
    def session(self) -> Session:
        assert self.open_session is not None
        return self.open_session


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A route: everything about it that is not its business.

    `answer` is the type of what `call` returns, for the document; a `Response` is sent as it is.
    `body_limit` is in bytes.
    """

    name: str
    method: str
    path: str
    summary: str
    access: Access
    unit: Unit
    call: Callable[[Call], Any]
    answer: Any
    path_model: type[BaseModel] | None = None
    query_model: type[Schema] | None = None
    body: Body = Body.NONE
    body_model: type[BaseModel] | None = None
    body_limit: Callable[[Settings], int] = lambda _settings: SMALL_BODY
    errors: Sequence[type[Problem]] = ()
    documented: bool = True
