"""Imports: what comes in with a file, and what is answered of it."""

from datetime import datetime
from typing import Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from backend.schemas.fields import MAX_ID, Id, Schema

VerdictName = Literal["create", "sibling", "join", "known", "waiting", "reject"]
# In rows: a page.
PAGE = 100
LARGEST_PAGE = 1000


class ImportOptions(Schema):
    """The fields of a form beside its file."""

    mapping: str | None = Field(
        None,
        max_length=100_000,
        description="A JSON object: the name of a column, and the field that it fills: "
        "created_time, player_name, player_age_category, phone, email, address, center, "
        "leadgen_id, or ignore. Other columns go by the usual names, or by a guess.",
        json_schema_extra={"examples": ['{"Child": "player_name", "Branch": "center"}']},
    )


class ImportId(Schema):
    """The path of one import."""

    id: Id


class ImportFilter(Schema):
    """The query of `GET /imports/`."""

    before: Id | None = Field(None, description="The id of the last import that was seen.")
    limit: int = Field(50, ge=1, le=500, description="How many, the newest first.")


class RowFilter(Schema):
    """The query of `GET /imports/{id}/rows`."""

    verdict: VerdictName | None = Field(None, description="Only the rows with this verdict.")
    after: int = Field(0, ge=0, le=MAX_ID, description="The number of the last row that was seen.")
    limit: int = Field(PAGE, ge=1, le=LARGEST_PAGE, description="How many.")


class ImportOut(TypedDict):
    """An import; `totals` has the number of rows for each verdict once it is planned."""

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
    note: str | None


class Planned(ImportOut):
    """A plan that was just made; `proposed` are the columns whose field is a guess."""

    proposed: list[str]


class ImportRowOut(TypedDict):
    """A row of an import; `cells` are those of a rejected row, as they were."""

    row: int
    verdict: str
    reason: str | None
    lead_id: int | None
    fields: dict[str, Any]
    cells: list[str] | None


class LeftAlone(TypedDict):
    """A lead that an undo has left as it is; `row` where the import knows which of its rows."""

    lead_id: int
    row: int | None
    reason: str


class Undone(TypedDict):
    """What an undo did, and what it left."""

    state: str
    leads_removed: int
    leads_restored: int
    kept: list[LeftAlone]


class Note(TypedDict):
    """What is to say of one row, by the number that the spreadsheet program shows."""

    row: int
    reason: str


class Imported(TypedDict):
    """The answer to an upload that went through."""

    status: str
    leads_added: int
    already_here: NotRequired[int]
    warnings: NotRequired[list[Note]]
    rejected: NotRequired[list[Note]]


class UnknownCenters(TypedDict):
    """The answer to an upload that names a center that no one knows: nothing is added."""

    status: str
    message: str
    unknown_tags: list[str]
