"""The rows of an import, to be looked at: page by page, and those that were rejected as a file."""

import csv
import io
from collections.abc import Sequence

import orjson
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.imports import parsing, store
from backend.core.imports.rows import Verdict
from backend.core.sheets import formulas
from backend.models import ImportRow
from backend.schemas.imports import ImportRowOut, RowFilter


def list_rows(session: Session, import_id: int, wanted: RowFilter) -> list[ImportRowOut]:
    """A page of rows; `after` is the number of the last one that was seen."""
    store.find(session, import_id)
    query = (
        select(ImportRow)
        .where(col(ImportRow.import_id) == import_id, col(ImportRow.number) > wanted.after)
        .order_by(col(ImportRow.number))
        .limit(wanted.limit)
    )
    if wanted.verdict is not None:
        query = query.where(col(ImportRow.verdict) == wanted.verdict)
    return [
        {
            "row": one.number,
            "verdict": one.verdict,
            "reason": one.reason,
            "lead_id": one.lead_id,
            "fields": orjson.loads(one.data),
            "cells": None if one.cells is None else orjson.loads(one.cells),
        }
        for one in session.scalars(query)
    ]


def errors_csv(session: Session, import_id: int) -> bytes:
    """The rejected rows with their cells and a column `reason`, to be mended and sent again."""
    found = store.find(session, import_id)
    query = (
        select(col(ImportRow.cells), col(ImportRow.reason))
        .where(col(ImportRow.import_id) == import_id, col(ImportRow.verdict) == Verdict.REJECT)
        .order_by(col(ImportRow.number))
    )
    rejected = [
        ([*orjson.loads(kept or "[]")], reason or "")
        for kept, reason in session.connection().execute(query)
    ]
    columns = list(found.columns)
    if _has_old_reasons(columns, [texts for texts, _ in rejected]):
        columns.pop()
        rejected = [(texts[:-1], reason) for texts, reason in rejected]
    # Excel reads a CSV file as UTF-8 only where it starts so.
    file = io.StringIO("\ufeff", newline="")
    file.seek(0, io.SEEK_END)
    writer = csv.writer(file)
    writer.writerow(map(formulas.neutralise, [*columns, parsing.REASON]))
    for texts, reason in rejected:
        writer.writerow(map(formulas.neutralise, [*texts, reason]))
    return file.getvalue().encode()


def _has_old_reasons(columns: Sequence[str], rejected: Sequence[Sequence[str]]) -> bool:
    """Whether the last column is our own, of a file that was given back before and sent again."""
    return columns[-1:] == [parsing.REASON] and all(
        not texts[-1] or texts[-1] in parsing.REASONS for texts in rejected
    )
