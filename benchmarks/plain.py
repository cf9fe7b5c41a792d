"""A minimal webhook: parse the lead, insert a row, commit. With FastAPI and with Flask.

This floor does less than the product: it checks nothing, matches no leads, and doesn't store what
it can't parse. The row goes into a separate table without indexes, and is on disk before the
response is sent: `synchronous=FULL` on SQLite, `synchronous_commit` on PostgreSQL.
"""

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from queue import Empty, LifoQueue
from typing import Any, LiteralString

import orjson
import psycopg

from benchmarks.databases import file_of

PATH = "/leads/meta-webhook/"
# The columns of `lead` that a new lead fills.
_COLUMNS: LiteralString = (
    "created_time, player_name, player_age_category, phone, email, address, status, center_id, "
    "source, is_test, phone_key, name_key, email_key, found"
)
_TABLE: LiteralString = (
    "CREATE TABLE IF NOT EXISTS bare (id {id} PRIMARY KEY, created_time {time}, player_name {text},"
    " player_age_category {text}, phone {text}, email {text}, address {text}, status {text},"
    " center_id integer, source {text}, is_test boolean, phone_key {text}, name_key {text},"
    " email_key {text}, found boolean)"
)

Insert = Callable[[dict[str, Any]], int]


def fastapi(url: str) -> Any:
    from fastapi import FastAPI, Request
    from fastapi.concurrency import run_in_threadpool

    app, insert = FastAPI(), opened(url)

    @app.get("/centers/")
    def centers() -> list[object]:
        return []

    @app.post(PATH)
    async def receive(request: Request) -> dict[str, object]:
        lead = orjson.loads(await request.body())
        return {"status": "success", "lead_id": await run_in_threadpool(insert, lead)}

    return app


def flask(url: str) -> Any:
    from flask import Flask, request

    app, insert = Flask("bare"), opened(url)

    @app.get("/centers/")
    def centers() -> list[object]:
        return []

    @app.post(PATH)
    def receive() -> dict[str, object]:
        return {"status": "success", "lead_id": insert(orjson.loads(request.get_data()))}

    return app


def opened(url: str) -> Insert:
    """Return a function that stores a lead and returns its id, from any thread."""
    return _sqlite(url) if url.startswith("sqlite:") else _postgresql(url)


def _row(lead: dict[str, Any], now: object) -> tuple[object, ...]:
    name, phone, email = lead["full_name"], lead["phone_number"], lead["email_address"]
    return (
        *(now, name, lead["player_age_category"], phone, email, lead["address_and_pincode"]),
        *("New", 1, "webhook", False, phone, name, email, False),
    )


def _sqlite(url: str) -> Insert:
    """Share one connection between threads, with a lock: SQLite's lock would make them sleep."""
    db = sqlite3.connect(file_of(url), isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        db.execute(f"PRAGMA {pragma}")
    db.execute(_TABLE.format(id="integer", time="datetime", text="varchar"))
    statement = f"INSERT INTO bare ({_COLUMNS}) VALUES ({', '.join('?' * 14)})"
    turn = threading.Lock()

    def insert(lead: dict[str, Any]) -> int:
        row = _row(lead, datetime.now(UTC).isoformat(" "))
        with turn:
            return db.execute(statement, row).lastrowid or 0

    return insert


def _postgresql(url: str) -> Insert:
    """Use one connection per thread: PostgreSQL writes simultaneous commits together."""
    free: LifoQueue[psycopg.Connection] = LifoQueue()
    statement = f"INSERT INTO bare ({_COLUMNS}) VALUES ({', '.join(['%s'] * 14)}) RETURNING id"
    with psycopg.connect(url) as connection:
        connection.execute(_TABLE.format(id="serial", time="timestamptz", text="varchar"))

    def insert(lead: dict[str, Any]) -> int:
        try:
            connection = free.get_nowait()
        except Empty:
            connection = psycopg.connect(url)
        found = connection.execute(statement, _row(lead, datetime.now(UTC))).fetchone()
        connection.commit()
        free.put(connection)
        assert found is not None
        return int(found[0])

    return insert
