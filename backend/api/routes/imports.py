"""Spreadsheets in: the contract's upload, and imports that are planned, committed and undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from backend.api.messages import Response
from backend.api.operation import TEAM_LEAD, Access, Body, Call, Operation, Unit
from backend.api.parse import File, Form
from backend.api.routes.files import attachment, upload_limit
from backend.core import audit
from backend.core.accounts import hourly_limits
from backend.core.audit import Event, Subject
from backend.core.big_jobs import SMALL_FILE, SMALL_ROWS
from backend.core.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    ImportNotFound,
    TooManyFiles,
    TooManyJobs,
)
from backend.core.imports import commit, listing, plan, store, tables, undo, upload
from backend.core.imports.rows import Verdict
from backend.core.leads import export_files
from backend.models import Role
from backend.schemas.imports import (
    Imported,
    ImportFilter,
    ImportId,
    ImportOptions,
    ImportOut,
    ImportRowOut,
    Planned,
    RowFilter,
    Undone,
    UndoPreview,
    UnknownCenters,
)


class ImportForbidden(Forbidden):
    """The refusal of the upload, as the contract words it."""

    detail = "Only Team Leads can import data"


def upload_leads(call: Call[None, None, File]) -> Imported | UnknownCenters:
    file = call.body
    with _place(call, file):
        return upload.upload(call.db, call.settings, call.person, file.name, file.content)


def plan_import(call: Call[None, None, Form[ImportOptions]]) -> Planned:
    file, options = call.body.file, call.body.options
    with _place(call, file):
        return plan.make(
            call.db,
            call.settings,
            call.person,
            file.name,
            file.content,
            options.mapping,
            statuses=options.statuses,
            center=options.center,
            choices=tables.Choices.of(options),
        )


@contextmanager
def _place(call: Call[Any, Any, Any], file: File) -> Iterator[None]:
    """Count an upload, and hold a slot for it if it is large."""
    is_large, me = len(file.content) > SMALL_FILE, call.person
    counted = hourly_limits.counted(call.db, call.settings, me, hourly_limits.Kind.UPLOAD)
    with counted, call.big_jobs.place(needed=is_large, by=me.id):
        yield


def list_imports(call: Call[None, ImportFilter]) -> list[ImportOut]:
    return store.list_page(call.session, call.query)


def show_import(call: Call[ImportId]) -> ImportOut:
    return store.show(call.session, call.path.id)


def list_import_rows(call: Call[ImportId, RowFilter]) -> list[ImportRowOut]:
    return listing.list_rows(call.session, call.path.id, call.query)


def commit_import(call: Call[ImportId]) -> ImportOut:
    with call.big_jobs.place(needed=_is_large(call), by=call.person.id):
        return commit.commit(call.db, call.settings, call.person, call.path.id)


def list_import_errors(call: Call[ImportId]) -> Response:
    id = call.path.id
    with call.db.read() as session:
        content = listing.errors_csv(session, id)
        rows = store.show(session, id)["totals"][Verdict.REJECT]
    with call.db.write() as session:
        # Before anything is sent, as with every export.
        audit.record(
            session,
            Event.LEADS_EXPORTED,
            by=call.person.id,
            subject=Subject.IMPORT,
            subject_id=id,
            form="csv",
            rows=rows,
        )
    return attachment(content, export_files.Form.CSV, f"import-{call.path.id}-errors")


def preview_undo(call: Call[ImportId]) -> UndoPreview:
    return undo.preview(call.db, call.path.id)


def undo_import(call: Call[ImportId]) -> Undone:
    with call.big_jobs.place(needed=_is_large(call), by=call.person.id):
        return undo.undo(call.db, call.person, call.path.id)


def _is_large(call: Call[ImportId]) -> bool:
    with call.db.read() as session:
        return (store.show(session, call.path.id)["rows_total"] or 0) > SMALL_ROWS


OPERATIONS = (
    Operation(
        name="upload_leads",
        method="POST",
        path="/leads/upload/",
        summary="Add the leads of a spreadsheet",
        access=Access(roles=frozenset({Role.TEAM_LEAD}), refusal=ImportForbidden),
        unit=Unit.MANUAL,
        body=Body.FILE,
        body_limit=upload_limit,
        handler=upload_leads,
        answer=Imported | UnknownCenters,
        errors=(BadRequest, TooManyFiles, TooManyJobs),
    ),
    Operation(
        name="plan_import",
        method="POST",
        path="/imports/",
        summary="Plan the import of a spreadsheet: see what each row would become",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        body=Body.FILE,
        body_limit=upload_limit,
        handler=plan_import,
        answer=Planned,
        errors=(BadRequest, Conflict, TooManyFiles, TooManyJobs),
    ),
    Operation(
        name="list_imports",
        method="GET",
        path="/imports/",
        summary="List the imports, newest first",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_imports,
        answer=list[ImportOut],
    ),
    Operation(
        name="show_import",
        method="GET",
        path="/imports/{id}",
        summary="Show an import: its state, progress and totals",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=show_import,
        answer=ImportOut,
        errors=(ImportNotFound,),
    ),
    Operation(
        name="list_import_rows",
        method="GET",
        path="/imports/{id}/rows",
        summary="List the rows of an import, each with its verdict and the reasons",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_import_rows,
        answer=list[ImportRowOut],
        errors=(ImportNotFound,),
    ),
    Operation(
        name="commit_import",
        method="POST",
        path="/imports/{id}/commit",
        summary="Commit a plan, or say which of its rows have changed since",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        handler=commit_import,
        answer=ImportOut,
        errors=(ImportNotFound, Conflict, TooManyJobs),
    ),
    Operation(
        name="list_import_errors",
        method="GET",
        path="/imports/{id}/errors.csv",
        summary="Download the rejected rows as a CSV file, each with the reason",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        handler=list_import_errors,
        answer=Response,
        errors=(ImportNotFound,),
    ),
    Operation(
        name="preview_undo",
        method="GET",
        path="/imports/{id}/undo",
        summary="Say how many leads an undo of an import would remove, restore and keep",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        handler=preview_undo,
        answer=UndoPreview,
        errors=(ImportNotFound, Conflict),
    ),
    Operation(
        name="undo_import",
        method="POST",
        path="/imports/{id}/undo",
        summary="Undo an import; leads that changed since stay as they are",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        handler=undo_import,
        answer=Undone,
        errors=(ImportNotFound, Conflict, TooManyJobs),
    ),
)
