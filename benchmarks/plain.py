"""The webhook as one writes it: parse the lead, insert a row, commit. On FastAPI and on Flask.

A floor promises less than the product: nothing is checked, no lead is known from before, nothing
is kept that can't be read. The row goes into a table of its own, without indexes, and is on disk
when the request is answered: `synchronous=FULL` on SQLite, `synchronous_commit` on PostgreSQL.
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
# The columns of `lead` that a new one fills.
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
    """A function that puts a lead on disk and answers its id, from any thread."""
    return _sqlite(url) if url.startswith("sqlite:") else _postgresql(url)


def _row(lead: dict[str, Any], now: object) -> tuple[object, ...]:
    name, phone, email = lead["full_name"], lead["phone_number"], lead["email_address"]
    return (
        *(now, name, lead["player_age_category"], phone, email, lead["address_and_pincode"]),
        *("New", 1, "webhook", False, phone, name, email, False),
    )


def _sqlite(url: str) -> Insert:
    """One connection for all threads, each in turn: they would sleep for the file's lock."""
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
    """A connection for each that inserts: PostgreSQL writes what many commit at once together."""
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
