"""Imports: what a request takes, and what it answers."""

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from backend.schemas.fields import MAX_ID, Id, Line, Schema

VerdictName = Literal["create", "sibling", "join", "known", "waiting", "reject"]
OrderName = Literal["day_first", "month_first", "year_first"]
# In rows: a page.
PAGE = 100
LARGEST_PAGE = 1000


class ImportOptions(Schema):
    """The fields of a form beside its file."""

    mapping: str | None = Field(
        None,
        max_length=100_000,
        description="A JSON object with the name of each column and the field that it fills: "
        "created_time, player_name, player_age_category, phone, email, address, center, "
        "leadgen_id, birth_date, first_name, middle_name, last_name, campaign, status, comment, "
        "next_followup_date, lost_reason, owner, source, or ignore. Several columns may fill one "
        "field. Other columns are matched by their names, or by a guess.",
        json_schema_extra={"examples": ['{"Child": "player_name", "Branch": "center"}']},
    )
    statuses: str | None = Field(
        None,
        max_length=100_000,
        description="A JSON object with texts of the column of statuses, and the status of each: "
        "New, Called, Trial Scheduled, Joined, Dead/Not Interested, or an empty text for none.",
        json_schema_extra={"examples": ['{"Ringing": "Called"}']},
    )
    center: Line | None = Field(
        None, description="The name of the center of rows that name none, as in a spreadsheet."
    )
    sheet: str | None = Field(
        None,
        max_length=200,
        description="The name of the sheet to read. Without it, the sheet that looks most like a "
        "table of leads is read.",
    )
    sheets: str | None = Field(
        None,
        max_length=100_000,
        description="A JSON list with the names of several sheets, to read as one table.",
        json_schema_extra={"examples": ['["October", "November"]']},
    )
    header_row: int | None = Field(
        None,
        ge=1,
        le=1_048_576,
        description="The number of the row with the names of the columns. Without it, the row is "
        "looked for.",
    )
    date_order: OrderName | None = Field(
        None,
        description="How to read dates that can be read in two ways. Without it, the values of the "
        "column decide, or the day comes first.",
    )


class ImportId(Schema):
    """The path of one import."""

    id: Id


class ImportFilter(Schema):
    """The query of `GET /imports/`."""

    before: Id | None = Field(None, description="The id of the last import on the page before.")
    limit: int = Field(50, ge=1, le=500, description="How many, the newest first.")


class RowFilter(Schema):
    """The query of `GET /imports/{id}/rows`."""

    verdict: VerdictName | None = Field(None, description="Only the rows with this verdict.")
    reason: Annotated[str, StringConstraints(pattern="^[a-z_]{1,50}$")] | None = Field(
        None, description="Only the rows with this code among their reasons."
    )
    after: int = Field(
        0, ge=0, le=MAX_ID, description="The number of the last row on the page before."
    )
    limit: int = Field(PAGE, ge=1, le=LARGEST_PAGE, description="How many.")


class Problem(TypedDict):
    """Why an import failed: a code, and its text."""

    code: str
    message: str


class RowReason(TypedDict):
    """Why a row has its verdict, or what to know of it: a code, its text, and what that names."""

    code: str
    message: str
    lead_id: NotRequired[int]
    row: NotRequired[int]
    leadgen_id: NotRequired[str]
    center: NotRequired[str]
    before: NotRequired[str]
    text: NotRequired[str]
    column: NotRequired[str]
    status: NotRequired[str]


class StatusText(TypedDict):
    """A text of the column of statuses, the status that it stands for, and its number of rows."""

    text: str
    status: str | None
    rows: int


class SheetOut(TypedDict):
    """A sheet of a file: its header, and about how many rows are below that.

    The row numbers of a sheet that is taken have `offset` added, since several may be.
    """

    name: str
    header_row: int
    rows: int
    columns: list[str]
    is_hidden: bool
    is_taken: bool
    has_same_columns: bool
    offset: int


class DateColumn(TypedDict):
    """How the dates of a column are read, and why: see docs/imports.md.

    `example` is a date that can be read in two ways, `read_as` the day that it is read as.
    `against` are two dates that can't be in the same order.
    """

    column: str
    field: str
    order: str
    basis: str
    example: str | None
    read_as: str | None
    against: list[str]


class FormulaColumn(TypedDict):
    """A column with formulas whose results aren't in the file: their cells count as blank.

    `cells` is their number, `row` is the first one's row.
    """

    column: str
    cells: int
    row: int


class Layout(TypedDict):
    """The table that was read: the row of its header, the sheets of the file, and its dates.

    `formulas` is there if some have no results in the file.
    """

    header_row: int
    sheets: list[SheetOut]
    dates: list[DateColumn]
    formulas: NotRequired[list[FormulaColumn]]


class ImportOut(TypedDict):
    """An import; `totals` has the number of rows for each verdict once it is planned.

    `fields` has the columns that fill each field: the first one that isn't blank in a row counts.
    `doubts` has the number of rows with each warning or doubt, by its code.
    """

    id: int
    state: str
    filename: str
    created_at: datetime
    created_by: int | None
    columns: list[str]
    mapping: dict[str, str]
    rows_done: int
    rows_total: int | None
    totals: dict[str, int]
    problem: Problem | None
    fields: dict[str, list[str]]
    statuses: list[StatusText]
    doubts: dict[str, int]
    layout: Layout | None


class Planned(ImportOut):
    """A new plan; `proposed` are the columns whose field a person should review."""

    proposed: list[str]


class ImportRowOut(TypedDict):
    """A row of an import; `cells` are the cells of a rejected row, as they were.

    `columns` has the column that a field was taken from, where the file has several for it.
    """

    row: int
    verdict: str
    reasons: list[RowReason]
    lead_id: int | None
    fields: dict[str, Any]
    cells: list[str] | None
    columns: dict[str, str]


class LeftAlone(TypedDict):
    """A lead that an undo has left as it is, and why; `row` is its row, if the import knows it."""

    lead_id: int
    row: int | None
    code: str
    message: str


class UndoPreview(TypedDict):
    """What an undo would do, as of now: it leaves the leads that changed since the import."""

    leads_to_remove: int
    leads_to_restore: int
    leads_to_keep: int


class Undone(TypedDict):
    """What an undo did, and which leads it left."""

    state: str
    leads_removed: int
    leads_restored: int
    kept: list[LeftAlone]


class Note(TypedDict):
    """A note on one row, by its number in the spreadsheet program."""

    row: int
    reason: str


class Imported(TypedDict):
    """The answer to a successful upload.

    `sheets_left_out` are sheets with the same columns as the one that was read.
    """

    status: str
    leads_added: int
    already_here: NotRequired[int]
    warnings: NotRequired[list[Note]]
    sheets_left_out: NotRequired[list[str]]
    rejected: NotRequired[list[Note]]


class UnknownCenters(TypedDict):
    """The answer to an upload that names an unknown center: nothing is added."""

    status: str
    message: str
    unknown_tags: list[str]
