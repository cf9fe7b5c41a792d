"""A person whose data is in every column that can hold a text, each with a text of its own."""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, Column, String, Table, insert, update
from sqlmodel import Session, SQLModel, select
from sqlmodel.sql.sqltypes import AutoString

from backend.core import times
from backend.core.privacy.columns import Erased, erased
from backend.models import Lead, Moment
from tests.world import LEAD_OF_TELLAPUR, World

NAME, PHONE, EMAIL = "Zoë Khan", "+919848000001", "parent1@example.com"
MERGED = 77
LEADGEN_ID = "428000000000001"
# The end of each planted text, long enough not to be in a random key or hash by chance.
MARK = "qzxvkqzx"
OF_LEADS = (Erased.ROW, Erased.EMPTIED, Erased.PART)

# The columns of a row of each table that aren't planted, where they matter.
ROWS: dict[str, dict[str, Any]] = {
    "leadphone": {},
    "leadorigin": {},
    "consent": {"granted": True},
    "comment": {"user_id": 1},
    "leadevent": {"kind": "comment"},
    "leadmerge": {
        "merged_id": MERGED, "survivor_id": LEAD_OF_TELLAPUR, "current_id": LEAD_OF_TELLAPUR,
    },
    "importrow": {"number": 1, "verdict": "join"},
    "delivery": {
        "source": "webhook", "state": "processed", "reason": "create", "form_id": None,
        "held_by": None,
    },
    "import": {"state": "committed", "problem": None, "held_by": None, "based_on": None},
    "bulkchange": {"user_id": 1},
    "recentedit": {"user_id": 1},
    "savedview": {"user_id": 1, "query": "status=New"},
    "centeralias": {"center_id": 1},
    "centerchange": {"kind": "alias", "center_id": 1, "user_id": 1},
}  # fmt: skip


def columns_of_texts() -> Iterator[tuple[Table, Column[Any]]]:
    """Yield every column that can hold a text."""
    for table in SQLModel.metadata.sorted_tables:
        for column in table.c:
            if isinstance(column.type, (String, AutoString, JSON)):
                yield table, column


def token(table: str, column: str) -> str:
    return f"{table}{column}{MARK}".replace("_", "").lower()


def plant(world: World) -> list[str]:
    """Plant a text in every column that an erasure has to empty. Returns the texts."""
    tokens = []
    of_table: dict[str, dict[str, Any]] = {}
    for table, column in columns_of_texts():
        if erased(table.name, column.name) in OF_LEADS:
            text = token(table.name, column.name)
            tokens.append(text)
            of_table.setdefault(table.name, {})[column.name] = _value(column, text)
    with world.db.write() as session:
        own = SQLModel.metadata.tables["lead"]
        planted = of_table.pop("lead")
        known = {"player_name": NAME, "name_key": "zoe khan", "email": EMAIL, "phone_key": PHONE}
        both = planted | known | {"search_indexed": False}
        session.execute(update(own).where(own.c.id == LEAD_OF_TELLAPUR).values(**both))
        tokens = [one for one in tokens if one not in {token("lead", name) for name in known}]
        # Whatever belongs to an import does so to the first.
        order = sorted(of_table, key=lambda name: name != "import")
        for name in order:
            _add(
                session,
                SQLModel.metadata.tables[name],
                ROWS.get(name, {}) | _of(name, of_table[name]),
            )
    return tokens + _plant_copies(world)


def _of(name: str, planted: dict[str, Any]) -> dict[str, Any]:
    """Return the planted columns of a table, where they need a form of their own."""
    if name == "savedview":
        return {"name": f"{NAME} {planted['name']}"}
    if name == "centeralias":
        return {column: f"{PHONE} {value}" for column, value in planted.items()}
    if name == "centerchange":
        return {"data": {"text": f"{PHONE} {planted['data']['x']}"}}
    if name == "import":
        # A file's own texts are the person's if they have the name.
        return {
            column: f"{NAME} {value}" if isinstance(value, str) else [f"{NAME} {value}"]
            for column, value in planted.items()
        } | {"mapping": {f"{NAME} {planted['mapping']}": "ignore"}}
    if name in ("leadevent", "importrow"):
        return planted | {"data": json.dumps({"text": planted["data"]})}
    if name == "bulkchange":
        return {"changes": [{"id": LEAD_OF_TELLAPUR, "was": planted["changes"], "version": 1}]}
    return planted


def _value(column: Column[Any], text: str) -> Any:
    return {"x": text} if isinstance(column.type, JSON) else text


def _add(session: Session, table: Table, values: dict[str, Any]) -> None:
    row = dict(values)
    for column in table.c:
        if column.name in row or column.name == "id":
            continue
        if column.name in ("lead_id", "import_id"):
            row[column.name] = LEAD_OF_TELLAPUR if column.name == "lead_id" else 1
        elif not column.nullable and column.default is None and column.server_default is None:
            row[column.name] = _empty(column)
    session.execute(insert(table).values(**row))


def _empty(column: Column[Any]) -> Any:
    """A value of a column that must have one."""
    if isinstance(column.type, Moment):
        return times.now()
    if isinstance(column.type, (String, AutoString)):
        return "x"
    return {} if isinstance(column.type, JSON) else column.type.python_type()


def _plant_copies(world: World) -> list[str]:
    """Plant copies that belong to no lead. Returns the texts."""
    said = {"phone_number": "098480-00001", "full_name": NAME}
    utf16 = json.dumps(said | {"note": f"utf16{MARK}"}).encode("utf-16")
    found = {
        "waiting": json.dumps(said | {"note": f"waiting{MARK}"}),
        "processed": json.dumps([said | {"note": f"several{MARK}"}, {"phone_number": "1"}]),
        "failed": f"base64:{b64encode(utf16).decode()}",
        "dismissed": f"email={EMAIL.replace('@', '%40')}&note=form{MARK}",
    }
    delivery = SQLModel.metadata.tables["delivery"]
    with world.db.write() as session:
        for state, body in found.items():
            one = {"source": "webhook", "state": state, "body": body, "lead_id": None}
            headers = {"content_type": "application/json; charset=utf-16"}
            _add(session, delivery, one | (headers if state == "failed" else {}))
        row: dict[str, Any] = {"number": 9, "verdict": "reject", "lead_id": None}
        row["data"] = json.dumps({"phone": "9848000001", "x": f"plan{MARK}"})
        row["cells"] = json.dumps(["9848000001", f"cells{MARK}"])
        _add(session, SQLModel.metadata.tables["importrow"], row)
    return [f"{name}{MARK}" for name in ("waiting", "several", "form", "plan", "cells")] + [
        b64encode(utf16).decode().lower()
    ]


def is_there(world: World) -> bool:
    with world.db.read() as session:
        return session.scalar(select(Lead.id).where(Lead.id == LEAD_OF_TELLAPUR)) is not None
