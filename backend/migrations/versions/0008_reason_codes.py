"""Imports keep codes instead of sentences: why an import failed, and why a row has its verdict.

A sentence that earlier versions wrote becomes its code and parameters. Any other text becomes the
code `other` with the text.
"""

import json
import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BATCH = 5000

_PROBLEMS = {
    "The server stopped in the middle of it: send the file again": "planning_stopped",
    "It could not be planned": "planning_failed",
    "It could not be finished, and nothing was added: send the file again": "upload_failed",
}
_UNREADABLE_DATE = "The date can't be read: the time of the import stands in"
_NEW_LEAD = "A new lead"
_CHANGED = re.compile(r"(.*) \(before: (create|sibling|join|known|waiting|reject)\)", re.DOTALL)
_LEAD = r"(?:lead (?P<lead_id>[0-9]+)|row (?P<row>[0-9]+))"
# The sentences of each code, as patterns; groups are the parameters.
_SENTENCES = {
    code: re.compile(pattern, re.DOTALL)
    for code, pattern in {
        "no_contact": "Neither phone nor email",
        "no_center": "No center",
        "same_phone_other_name": f"Same phone as {_LEAD}, another name",
        "same_phone_and_name": f"Same phone and name as {_LEAD}",
        "same_name_and_email": f"Same name and email as {_LEAD}",
        "same_lead_and_time": f"The same as {_LEAD}, to the time at which it came",
        "meta_lead_exists": f"Meta's lead (?P<leadgen_id>[0-9]+) is here: {_LEAD}",
        "meta_lead_dismissed": "Meta's lead (?P<leadgen_id>[0-9]+) was discarded",
        "unknown_center": "No one knows the center '(?P<center>.*)'",
        "already_waiting": "It waits for the center '(?P<center>.*)' already",
    }.items()
}
_NUMBERS = frozenset({"lead_id", "row"})

Reason = dict[str, Any]


def upgrade() -> None:
    op.execute('ALTER TABLE "import" RENAME COLUMN note TO problem')
    op.execute("ALTER TABLE importrow RENAME COLUMN reason TO reasons")
    _translate_problems()
    _translate_reasons()


def _translate_problems() -> None:
    connection = op.get_bind()
    kept = connection.execute(
        sa.text('SELECT id, problem FROM "import" WHERE problem IS NOT NULL')
    ).all()
    changes = [{"id": id, "problem": _json(_problem(text))} for id, text in kept]
    if changes:
        change = 'UPDATE "import" SET problem = :problem WHERE id = :id'
        connection.execute(sa.text(change), changes)


def _translate_reasons() -> None:
    connection = op.get_bind()
    following = sa.text(
        "SELECT import_id, number, reasons FROM importrow WHERE reasons IS NOT NULL "
        "AND (import_id, number) > (:import_id, :number) ORDER BY import_id, number LIMIT :most"
    )
    change = sa.text(
        "UPDATE importrow SET reasons = :reasons WHERE import_id = :import_id AND number = :number"
    )
    last = {"import_id": 0, "number": 0}
    while batch := connection.execute(following, {**last, "most": BATCH}).all():
        changes = [
            {"import_id": import_id, "number": number, "reasons": _json(_reasons(text))}
            for import_id, number, text in batch
        ]
        connection.execute(change, changes)
        last = {"import_id": batch[-1][0], "number": batch[-1][1]}


def _problem(text: str) -> Reason:
    code = _PROBLEMS.get(text)
    return _other(text) if code is None else {"code": code}


def _reasons(text: str) -> list[Reason]:
    """Return what a row's sentences say: why, the warning, and what the plan said before."""
    found: list[Reason] = []
    changed = _CHANGED.fullmatch(text)
    if changed is not None:
        text = changed[1]
        found = [{"code": "outcome_changed", "before": changed[2]}]
        if text == _NEW_LEAD:
            return found
    why = text.removesuffix(_UNREADABLE_DATE)
    if why != text:
        found = [{"code": "unreadable_date"}, *found]
        why = why.removesuffix("; ")
    return [_reason(why), *found] if why else found


def _reason(text: str) -> Reason:
    for code, pattern in _SENTENCES.items():
        match = pattern.fullmatch(text)
        if match is not None:
            said = {name: value for name, value in match.groupdict().items() if value is not None}
            numbers = {name: int(value) for name, value in said.items() if name in _NUMBERS}
            return {"code": code, **said, **numbers}
    return _other(text)


def _other(text: str) -> Reason:
    return {"code": "other", "text": text}


def _json(value: Reason | list[Reason]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
