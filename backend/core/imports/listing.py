"""Lists the rows of an import page by page, and gives back the rejected ones as a file."""

import csv
import io
from collections.abc import Sequence
from typing import cast

import orjson
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import reasons
from backend.core.imports import store
from backend.core.imports.columns import REASON_COLUMN, fold
from backend.core.imports.rows import Verdict
from backend.core.sheets import formulas
from backend.models import ImportRow
from backend.schemas.imports import ImportRowOut, RowFilter, RowReason


def list_rows(session: Session, import_id: int, wanted: RowFilter) -> list[ImportRowOut]:
    """Return a page of rows. Raises `ImportNotFound`."""
    store.find(session, import_id)
    query = (
        select(ImportRow)
        .where(col(ImportRow.import_id) == import_id, col(ImportRow.number) > wanted.after)
        .order_by(col(ImportRow.number))
        .limit(wanted.limit)
    )
    if wanted.verdict is not None:
        query = query.where(col(ImportRow.verdict) == wanted.verdict)
    if wanted.reason is not None:
        # The column is JSON text, written by `reasons.encode_list`.
        code = f'"code":"{wanted.reason}"'
        query = query.where(col(ImportRow.reasons).contains(code, autoescape=True))
    return [_out(one) for one in session.scalars(query)]


def _out(row: ImportRow) -> ImportRowOut:
    fields = orjson.loads(row.data)
    return {
        "row": row.number,
        "verdict": row.verdict,
        "reasons": [cast(RowReason, why.shown()) for why in reasons.decode_list(row.reasons)],
        "lead_id": row.lead_id,
        "columns": fields.pop("columns", {}),
        "fields": fields,
        "cells": None if row.cells is None else orjson.loads(row.cells),
    }


def errors_csv(session: Session, import_id: int) -> bytes:
    """Return the rejected rows as CSV, each with its reasons, to be corrected and sent again.

    If the file was sent again already, its old column of reasons is left out. Raises
    `ImportNotFound`.
    """
    found = store.find(session, import_id)
    query = (
        select(col(ImportRow.cells), col(ImportRow.reasons))
        .where(col(ImportRow.import_id) == import_id, col(ImportRow.verdict) == Verdict.REJECT)
        .order_by(col(ImportRow.number))
    )
    kept = [at for at, name in enumerate(found.columns) if fold(name) != REASON_COLUMN]
    # Excel reads a CSV file as UTF-8 only if it starts with this mark.
    file = io.StringIO("\ufeff", newline="")
    file.seek(0, io.SEEK_END)
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(map(formulas.neutralise, [*_at(kept, found.columns), REASON_COLUMN]))
    for cells, why in session.connection().execute(query):
        assert cells is not None
        texts = _at(kept, orjson.loads(cells))
        said = reasons.joined(reasons.decode_list(why))
        writer.writerow(map(formulas.neutralise, [*texts, said]))
    return file.getvalue().encode()


def _at(places: Sequence[int], texts: Sequence[str]) -> list[str]:
    return [texts[at] for at in places]
