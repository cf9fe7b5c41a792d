"""A row of the table of routes, and what the handler of a row is given.

A handler says by the type of its parameter what it needs: `Call[LeadId, HistoryFilter]` is a call
with a path and a query, `Call[None, None, NewLead]` one with a body. The models that the request
is checked against are read from there, so the type checker knows them and they can't disagree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVarTuple, get_args, get_origin

from pydantic import BaseModel
from sqlmodel import Session
from typing_extensions import TypeVar

from backend.api.messages import Head
from backend.api.parse import File, Form
from backend.core import audit
from backend.core.access import Person
from backend.core.audit import Event, Subject
from backend.core.audit.openings import Openings
from backend.core.big_jobs import BigJobs
from backend.core.db import Database
from backend.core.errors import Forbidden, Problem
from backend.core.idempotency import Once
from backend.core.settings import Settings
from backend.models import Role
from backend.schemas.fields import Schema

if TYPE_CHECKING:
    from backend.api.metrics import Metrics

# In bytes: the most that a JSON object or a form without a file may have.
SMALL_BODY = 1 << 20


class Unit(Enum):
    """The unit of work that an operation runs in."""

    READ = auto()
    WRITE = auto()
    # The handler opens its own short transactions, with slow work between them.
    MANUAL = auto()
    # No database: answered even when there is none.
    NONE = auto()


# Those that may change something.
_CHANGING = (Unit.WRITE, Unit.MANUAL)


class Body(Enum):
    """The format of a request's body."""

    NONE = auto()
    JSON = auto()
    FORM = auto()
    FILE = auto()
    # The bytes as they came.
    RAW = auto()


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call an operation: anyone, or those who are signed in, if need be with a role."""

    signed_in: bool = True
    roles: frozenset[str] | None = None
    refusal: type[Forbidden] = Forbidden

    def allows(self, person: Person) -> bool:
        """Return whether the person's role is one of those that may call."""
        return self.roles is None or person.role in self.roles


ANYONE = Access(signed_in=False)
SIGNED_IN = Access()
TEAM_LEAD = Access(roles=frozenset({Role.TEAM_LEAD}))
EDITORS = Access(roles=frozenset({Role.TEAM_LEAD, Role.TEAM_MEMBER}))

PathT = TypeVar("PathT", default=None)
QueryT = TypeVar("QueryT", default=None)
BodyT = TypeVar("BodyT", default=None)
Args = TypeVarTuple("Args")


@dataclass(frozen=True, slots=True)
class Call(Generic[PathT, QueryT, BodyT]):
    """What a handler may need to answer one request.

    `headers` are the request's, with names in lower case. `address` is the client's. `root` is the
    prefix that the API is served under, such as `/crm`, or empty. `wake` tells the background
    workers that there is work: register it with `after_commit`, never call it, or they look before
    the change can be seen. `big_jobs` has the places of large jobs. `metrics` are the process's, if
    it has any. `openings` notes who opens a lead. `once` is the request's key, if it has one, for a
    handler that opens its own transactions. Asking for a person or a session that the row doesn't
    provide is a mistake in the table, and fails.
    """

    settings: Settings
    db: Database
    address: str
    big_jobs: BigJobs
    wake: Callable[[], None]
    headers: Mapping[str, str]
    root: str
    path: PathT
    query: QueryT
    body: BodyT
    metrics: "Metrics | None"
    openings: Openings
    once: Once | None
    known_person: Person | None
    open_session: Session | None
    callbacks: list[Callable[[], object]] = field(default_factory=list)

    @property
    def person(self) -> Person:
        """The person who is signed in."""
        assert self.known_person is not None
        return self.known_person

    @property
    def session(self) -> Session:
        """The session of the operation's unit of work."""
        assert self.open_session is not None
        return self.open_session

    def record(
        self,
        event: Event,
        subject: Subject | None = None,
        subject_id: int | None = None,
        **data: Any,
    ) -> None:
        """Record in the audit trail what the person has done, in the operation's unit of work."""
        person = self.person.id
        audit.record(self.session, event, by=person, subject=subject, subject_id=subject_id, **data)

    def after_commit(self, function: Callable[[*Args], object], *args: *Args) -> None:
        """Register a function to run once the transaction is on disk.

        It doesn't run if the transaction is rolled back. In an operation with `Unit.MANUAL` it runs
        when the handler has returned, and not if the handler raises. An error in it is logged with
        the request's id and doesn't change the answer.
        """
        self.callbacks.append(partial(function, *args))


Handler = Callable[[Call[Any, Any, Any]], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A route: everything about it but what its handler does.

    `answer` is the type of what the handler returns, for the document; a `Response` is sent as it
    is. `body_limit` is in bytes. `documented_body` describes a body that the handler reads itself.
    `admit` refuses a request before its body is read.
    """

    name: str
    method: str
    path: str
    summary: str
    access: Access
    unit: Unit
    handler: Handler
    answer: Any
    body: Body = Body.NONE
    body_limit: Callable[[Settings], int] = lambda _settings: SMALL_BODY
    documented_body: type[BaseModel] | None = None
    admit: Callable[[Settings, Head], None] | None = None
    errors: Sequence[type[Problem]] = ()
    documented: bool = True
    # Whether the answer is known at once: a server without a free thread can still give it.
    at_once: bool = False
    # Whether a thread and a connection are kept for it, since its sender may not come back.
    is_delivery: bool = False
    # Whether it is also for people who have to set up a second factor first.
    before_setup: bool = False
    # Whether it reads a list, of which one person reads only a few at the same moment.
    is_list: bool = False
    # Whether it counts as a use of the session, which puts off its end.
    counts_as_use: bool = True
    # Whether one that is sent again with its `Idempotency-Key` is answered as it was first.
    takes_key: bool = False
    # Read from the handler's type.
    path_model: type[BaseModel] | None = field(init=False)
    query_model: type[Schema] | None = field(init=False)
    body_model: type[BaseModel] | None = field(init=False)

    def __post_init__(self) -> None:
        """Read the models from the handler. Raises `TypeError` where they don't fit the row."""
        path, query, body = _types(self.handler)
        set_field = object.__setattr__
        set_field(self, "path_model", path)
        set_field(self, "query_model", query)
        set_field(self, "body_model", self.documented_body or _body_model(body))
        if not _fits(body, self.body):
            raise TypeError(f"{self.name}: its handler doesn't take a body of {self.body}")
        if self.takes_key and not (self.unit in _CHANGING and self.access.signed_in):
            raise TypeError(f"{self.name}: its key needs a person and a unit of work")


def _fits(taken: Any, body: Body) -> bool:
    """Return whether what a handler takes is what a body of this format becomes."""
    kind = get_origin(taken) or taken
    match body:
        case Body.NONE:
            return kind is None
        case Body.RAW:
            return kind is bytes
        case Body.FILE:
            return kind in (File, Form)
        case Body.JSON | Body.FORM:
            return isinstance(kind, type) and issubclass(kind, BaseModel)


def _types(handler: Handler) -> tuple[Any, ...]:
    """Return the types of a handler's path, query and body, None for what it doesn't take.

    Raises `TypeError` if they can't be read: the request would go unchecked.
    """
    call = next(iter(handler.__annotations__.values()), None)
    if call is Call:
        return None, None, None
    if get_origin(call) is not Call:
        raise TypeError(f"{handler.__qualname__}: annotate its first parameter with a Call")
    return tuple(None if one is type(None) else one for one in get_args(call))


def _body_model(body: Any) -> type[BaseModel] | None:
    """Return the model that a body is checked against: of a form with a file, its other fields."""
    if get_origin(body) is Form:
        (options,) = get_args(body)
        body = options
    if body in (None, bytes, File):
        return None
    model: type[BaseModel] = body
    return model
