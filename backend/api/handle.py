"""The one way from a request to an operation's response, for every operation and every server."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from backend.api import parse, repetition
from backend.api.messages import Response
from backend.api.operation import Body, Call, Operation, Unit
from backend.core import auth
from backend.core.access import Person
from backend.core.auth import Claims
from backend.core.db import Database
from backend.core.errors import Invalid, SecondFactorMissing, Unauthenticated

if TYPE_CHECKING:
    from backend.api.application import Application
    from backend.api.exchange import Exchange

# The header of a request that a page makes by itself, while nobody touches it: it isn't a use of
# the session, which would otherwise never end at a desk that was left.
UNATTENDED = "x-unattended"


def handle(app: "Application", exchange: "Exchange", body: bytes) -> Response:
    """Authenticate, authorise, parse, call, encode, commit, run the callbacks.

    Raises what the core raises.
    """
    operation, head = exchange.operation, exchange.served.head
    address = exchange.served.address
    with _turn(app, exchange), _unit_of_work(app.db, operation.unit) as session:
        person = authorise(app, exchange, session) if operation.access.signed_in else None
        once = repetition.read(exchange, body, person)
        call: Call[Any, Any, Any] = Call(
            settings=app.settings,
            db=app.db,
            address=address,
            big_jobs=app.big_jobs,
            wake=app.worker.wake,
            headers=head.headers,
            root=head.root,
            path=_path(operation, exchange.path),
            query=_query(operation, head.query),
            body=_body(operation, body, head.headers.get("content-type", "")),
            metrics=app.metrics,
            openings=app.worker.openings,
            once=once,
            known_person=person,
            open_session=session,
        )
        # Within the unit of work: an answer that can't be encoded must not be committed.
        response = repetition.answer(app.db, session, once, lambda: operation.handler(call))
    _run_callbacks(call.callbacks, exchange)
    return response


def authorise(app: "Application", exchange: "Exchange", session: Session | None = None) -> Person:
    """Return who sent a request, if they may call its operation.

    Without a session it opens one. Raises `Unauthenticated`, and a `Forbidden` for another role or
    a missing second factor.
    """
    operation, served = exchange.operation, exchange.served
    is_use = operation.counts_as_use and UNATTENDED not in served.head.headers
    used_from = served.address if is_use else None
    person = identify(app, session, exchange.claims, used_from)
    served.person_id = person.id
    if not operation.access.allows(person):
        raise operation.access.refusal
    if person.needs_factor and not operation.before_setup:
        raise SecondFactorMissing
    return person


def _run_callbacks(callbacks: Sequence[Callable[[], object]], exchange: "Exchange") -> None:
    """Run what was registered for after the commit. Errors are logged; the answer stands."""
    for callback in callbacks:
        try:
            callback()
        except Exception as error:  # noqa: BLE001  the change is on disk: the answer must say so
            exchange.log_error(error)


def _turn(app: "Application", exchange: "Exchange") -> AbstractContextManager[None]:
    """Return the turn of a person to read a list, which is taken before any connection."""
    claims = exchange.claims
    if claims is None or not exchange.operation.is_list:
        return nullcontext()
    return app.lists.turn(claims.email)


@contextmanager
def _unit_of_work(db: Database, unit: Unit) -> Iterator[Session | None]:
    if unit is Unit.READ:
        with db.read() as session:
            yield session
    elif unit is Unit.WRITE:
        with db.write() as session:
            yield session
    else:
        yield None


def identify(
    app: "Application", session: Session | None, claims: Claims | None, used_from: str | None = None
) -> Person:
    """Return who sent a request; without a session, in one of its own.

    It counts as a use if `used_from` is an address. Raises `Unauthenticated`.
    """
    if claims is None:
        raise Unauthenticated
    if session is not None:
        return auth.identify(session, claims, app.last_uses, used_from)
    with app.db.read() as own:
        return auth.identify(own, claims, app.last_uses, used_from)


def _path(operation: Operation, texts: Mapping[str, str]) -> Any:
    model = operation.path_model
    return parse.validate(model, texts, "path") if model else None


def _query(operation: Operation, raw: bytes) -> Any:
    model = operation.query_model
    return parse.validate(model, parse.query(raw, model.repeated), "query") if model else None


def _body(operation: Operation, body: bytes, content_type: str) -> Any:
    match operation.body:
        case Body.NONE:
            return None
        case Body.RAW:
            return body
        case Body.FILE:
            return _file(operation, body, content_type)
        case Body.JSON | Body.FORM:
            assert operation.body_model is not None
            read = parse.json if operation.body is Body.JSON else parse.form
            return parse.validate(operation.body_model, read(body, content_type), "body")


def _file(operation: Operation, body: bytes, content_type: str) -> parse.File | parse.Form[Any]:
    fields = parse.multipart(body, content_type)
    file = fields.pop("file", None)
    if not isinstance(file, parse.File):
        raise Invalid.at("body", "file", type="missing", msg="Choose a file")
    if operation.body_model is None:
        return file
    return parse.Form(file, parse.validate(operation.body_model, fields, "body"))
