"""What is said if the database can't be used: what is true, and its cause to those who can act."""

import sqlite3
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from backend.core.database.faults import Fault
from backend.core.errors import Busy, CannotSave, DiskFull, NotReady
from tests.reliability.test_full_disk import apps_database
from tests.servers import Client
from tests.shape import check_error
from tests.world import LEAD, MEMBER, World

pytestmark = pytest.mark.every_adapter

# What each database says to a write; what a team lead is told then, and what all others are.
FAULTS: dict[str, tuple[int, type[Exception], str, str]] = {
    "full": (sqlite3.SQLITE_FULL, psycopg.errors.DiskFull, DiskFull.detail, CannotSave.detail),
    "read-only": (
        sqlite3.SQLITE_READONLY,
        psycopg.errors.ReadOnlySqlTransaction,
        Fault.READ_ONLY,
        CannotSave.detail,
    ),
    "damaged": (
        sqlite3.SQLITE_CORRUPT,
        psycopg.errors.DataCorrupted,
        NotReady.detail,
        NotReady.detail,
    ),
    "lost": (
        sqlite3.SQLITE_CANTOPEN,
        psycopg.OperationalError,
        NotReady.detail,
        NotReady.detail,
    ),
    "locked": (sqlite3.SQLITE_BUSY, psycopg.errors.LockNotAvailable, Busy.detail, Busy.detail),
}


def error_of(fault: str, dialect: str) -> Exception:
    code, of_postgresql, *_ = FAULTS[fault]
    if dialect == "postgresql":
        return of_postgresql("secret insides")
    kind = sqlite3.DatabaseError if code == sqlite3.SQLITE_CORRUPT else sqlite3.OperationalError
    error = kind("secret insides")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize("fault", FAULTS)
def test_what_people_are_told(
    fault: str, serve: Callable[..., Client], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = apps_database(monkeypatch)
    client = serve()
    assert client.get("/readyz").status == 200

    def fail(_cursor: object, statement: str, _given: object, context: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE")):
            raise error_of(fault, context.dialect.name)

    event.listen(opened[-1].engine, "do_execute", fail)
    *_, to_lead, to_others = FAULTS[fault]
    flat = {"phone_number": "9848022338"}
    answers = [
        client.patch("/leads/1", json={"comment": "hello"}, token=world.token(LEAD)),
        client.patch("/leads/1", json={"comment": "hello"}, token=world.token(MEMBER)),
        client.post("/leads/meta-webhook/", json=flat),
    ]
    for answer in answers:
        check_error(answer)
        assert b"insides" not in answer.body
    told = [(answer.status, answer.json()["detail"]) for answer in answers]
    assert told == [(503, to_lead), (503, to_others), (503, to_others)]
    waits = [answer.headers.get("retry-after") for answer in answers]
    assert waits == [{"lost": "5", "locked": "2"}.get(fault)] * 3
