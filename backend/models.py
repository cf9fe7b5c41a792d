"""The tables.

Times are UTC. PostgreSQL keeps them as `timestamptz`; SQLite, which has no such type, as text
without an offset. `table=True` classes do not validate: what comes in passes a schema first.

The relationships are for scripts (see docs/scripts.md): they are read when they are asked for, one
query each, and the core's own queries don't use them. None of them changes what may be deleted,
except that the links between a person and their centers go with either.
"""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, text
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlmodel import Field, Relationship, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime


class Role(StrEnum):
    """What a person may do; the column holds any text, since older installations did."""

    TEAM_LEAD = "team_lead"
    TEAM_MEMBER = "team_member"
    OBSERVER = "observer"


class Status(StrEnum):
    """Where a lead stands; the column holds any text, since older installations did."""

    NEW = "New"
    CALLED = "Called"
    TRIAL_SCHEDULED = "Trial Scheduled"
    JOINED = "Joined"
    DEAD = "Dead/Not Interested"


class EventKind(StrEnum):
    """What a line of a lead's history tells."""

    CREATED = "created"
    REPEAT_ENQUIRY = "repeat_enquiry"
    STATUS = "status"
    FOLLOW_UP = "follow_up"
    COMMENT = "comment"
    EDITED = "edited"
    TRIAL = "trial"


class Source(StrEnum):
    """Where a lead or a delivery comes from."""

    META = "meta"
    FLAT = "webhook"
    BACKFILL = "backfill"
    UPLOAD = "upload"
    MANUAL = "manual"


class DeliveryState(StrEnum):
    """What has become of a delivery; `backend.core.intake.deliveries` has the ways between them."""

    RECEIVED = "received"
    PROCESSED = "processed"
    WAITING = "waiting"
    RETRYING = "retrying"
    FAILED = "failed"
    DISMISSED = "dismissed"


class ImportState(StrEnum):
    """How far an import is; UPLOADING and COMMITTING are states while its leads are written."""

    PLANNING = "planning"
    PLANNED = "planned"
    UPLOADING = "uploading"
    COMMITTING = "committing"
    COMMITTED = "committed"
    UNDONE = "undone"
    FAILED = "failed"


class Moment(UTCDateTime):
    """A time. One without an offset that a script gives is in the settings' zone, as is a date."""

    cache_ok = True

    def process_bind_param(
        self, value: datetime | date | None, _dialect: Dialect
    ) -> datetime | None:
        """Return the time in UTC. Raises `ConfigurationError` where the settings can't be read."""
        if value is None:
            return None
        if not isinstance(value, datetime):
            value = datetime.combine(value, time.min)
        if value.tzinfo is None:
            # The core's own times have an offset: only a script comes here.
            from backend.core import installation

            value = value.replace(tzinfo=installation.settings().zone)
        return value.astimezone(UTC)


def email_key(email: str) -> str:
    """What two emails have in common that are the same but for their case."""
    return email.strip().casefold()


def _key_of_email(context: DefaultExecutionContext) -> str:
    """Return the key of an account that a script adds without one."""
    return email_key(context.get_current_parameters()["email"])  # type: ignore[no-untyped-call]


def _children(of: str, back: str) -> Any:
    """A relationship to the rows that point here, in the order of their ids."""
    return Relationship(
        back_populates=back,
        # The database decides what can be deleted: nothing is loaded first, no key is emptied.
        passive_deletes="all",
        sa_relationship_kwargs={"order_by": f"{of}.id"},
    )


class UserCenterLink(SQLModel, table=True):
    """The centers whose leads a person sees."""

    user_id: int = Field(foreign_key="user.id", primary_key=True)
    center_id: int = Field(foreign_key="center.id", primary_key=True, index=True)


class User(SQLModel, table=True):
    """A person who signs in.

    `email_key` is what makes an email unique whatever its case. It is the folded email; where an
    older installation has two accounts that differ only in case, the later one keeps its email as
    typed, so that both still sign in. `token_version` rises when the tokens issued so far must end.
    """

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, index=True)
    hashed_password: str
    full_name: str
    role: str
    email_key: str = Field(unique=True, index=True, sa_column_kwargs={"default": _key_of_email})
    disabled: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    token_version: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    centers: list["Center"] = Relationship(
        back_populates="users",
        link_model=UserCenterLink,
        sa_relationship_kwargs={"order_by": "Center.id"},
    )
    comments: list["Comment"] = _children("Comment", "user")


class Center(SQLModel, table=True):
    """A place where the academy trains; `meta_tag_name` is how forms and spreadsheets name it."""

    id: int | None = Field(default=None, primary_key=True)
    display_name: str
    meta_tag_name: str = Field(unique=True, index=True)
    city: str
    location: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    users: list["User"] = Relationship(
        back_populates="centers",
        link_model=UserCenterLink,
        sa_relationship_kwargs={"order_by": "User.id"},
    )
    leads: list["Lead"] = _children("Lead", "center")


class CenterAlias(SQLModel, table=True):
    """Another text by which a center is named; `key` is the text, folded."""

    key: str = Field(primary_key=True)
    text: str
    center_id: int = Field(foreign_key="center.id", index=True)
    created_at: datetime = Field(sa_type=Moment)
    created_by: int | None = Field(default=None, foreign_key="user.id")


def _partly(name: str, *columns: str, where: str) -> Index:
    """An index over the rows of which something holds, so that the others cost nothing.

    The condition is a note: the migrations make the index. An option such as `postgresql_where`
    would import all of that dialect at each start.
    """
    return Index(name, *columns, info={"where": where})


class Lead(SQLModel, table=True):
    """A child whom the academy may win; `leadgen_id` is Meta's id where the lead came from Meta.

    `phone_key` (E.164), `name_key` and `email_key` are folded, to find the same lead once more:
    leads with one phone are one household. A test lead is left out of every figure. `called_at`
    and those after it are when it first came so far. `search_indexed` is whether the search index
    has it.
    """

    __table_args__ = (
        Index("ix_lead_created_time_id", "created_time", "id"),
        Index("ix_lead_center_id_status_created_time", "center_id", "status", "created_time"),
        Index("ix_lead_center_id_created_time", "center_id", "created_time"),
        # Not those of imports, which are most of all, where they are any.
        _partly("ix_lead_source", "source", "created_time", where="source <> 'upload'"),
        _partly(
            "ix_lead_player_age_category",
            "player_age_category",
            "created_time",
            where="player_age_category IS NOT NULL",
        ),
        _partly("ix_lead_campaign", "campaign", "created_time", where="campaign IS NOT NULL"),
        _partly(
            "ix_lead_next_followup_date",
            "next_followup_date",
            where="next_followup_date IS NOT NULL",
        ),
        _partly("ix_lead_trial_at", "trial_at", where="trial_at IS NOT NULL"),
        _partly("ix_lead_search_indexed", "id", where="NOT search_indexed"),
        _partly("ix_lead_is_test", "status", where="is_test"),
        _partly(
            "ix_lead_lost_reason", "lost_reason", "created_time", where="lost_reason IS NOT NULL"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    created_time: datetime = Field(sa_type=Moment)
    player_name: str | None = None
    player_age_category: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    status: str = Field(default=Status.NEW)
    next_followup_date: datetime | None = Field(default=None, sa_type=Moment)
    center_id: int | None = Field(default=None, foreign_key="center.id")
    leadgen_id: str | None = Field(default=None, unique=True, index=True)
    source: str | None = None
    is_test: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    phone_key: str | None = Field(default=None, index=True)
    name_key: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    email_key: str | None = Field(default=None, index=True)
    campaign: str | None = None
    lost_reason: str | None = None
    trial_at: datetime | None = Field(default=None, sa_type=Moment)
    called_at: datetime | None = Field(default=None, sa_type=Moment)
    trialled_at: datetime | None = Field(default=None, sa_type=Moment)
    joined_at: datetime | None = Field(default=None, sa_type=Moment)
    lost_at: datetime | None = Field(default=None, sa_type=Moment)
    search_indexed: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    center: Center | None = Relationship(back_populates="leads")
    comments: list["Comment"] = _children("Comment", "lead")


class DailyTotal(SQLModel, table=True):
    """How many leads that are alike came in on a day, and how far they came; no test leads.

    The leads of a center and a day are added up three times: by source, by campaign and by the
    reason for which they were lost. `dimension` says which of them, `key` has its value.
    `within_5m` and those after it are how soon they were called, `waited` is the sum of the
    seconds until then.
    `backend.core.reports.rollup` keeps the rows.
    """

    __table_args__ = (Index("ix_dailytotal_dimension_day", "dimension", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    day: date
    center_id: int | None = None
    dimension: str
    key: str | None = None
    leads: int
    called: int
    trial: int
    joined: int
    lost: int
    within_5m: int
    within_1h: int
    within_1d: int
    later: int
    uncalled: int
    waited: int = Field(sa_column=Column(BigInteger, nullable=False))


class TotalledDay(SQLModel, table=True):
    """A day of the installation's zone whose leads are added up: when it begins, and ends."""

    day: date = Field(primary_key=True)
    begins: datetime = Field(sa_type=Moment)
    ends: datetime = Field(sa_type=Moment)


class ChangedDay(SQLModel, table=True):
    """A day of UTC of which leads have come, changed or gone since they were added up.

    Triggers of the database write it. It is a text: in a row of a site's own making, the time of a
    lead may be anything.
    """

    id: int | None = Field(default=None, primary_key=True)
    day: str = Field(index=True)


class LeadOrigin(SQLModel, table=True):
    """Where a lead of Meta comes from, and what its form asked besides (`answers`, texts)."""

    lead_id: int = Field(foreign_key="lead.id", primary_key=True)
    platform: str | None = None
    form_id: str | None = Field(default=None, index=True)
    form_name: str | None = None
    ad_id: str | None = None
    ad_name: str | None = None
    adset_id: str | None = None
    adset_name: str | None = None
    campaign_id: str | None = None
    campaign_name: str | None = None
    is_organic: bool | None = None
    answers: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))


class NotDuplicate(SQLModel, table=True):
    """A verdict: two leads that look alike are two. `first_id` is the smaller id."""

    first_id: int = Field(foreign_key="lead.id", primary_key=True)
    second_id: int = Field(foreign_key="lead.id", primary_key=True, index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    at: datetime = Field(sa_type=Moment)


class Comment(SQLModel, table=True):
    """What a person noted on a lead."""

    id: int | None = Field(default=None, primary_key=True)
    text: str
    timestamp: datetime = Field(default_factory=lambda: datetime.now(UTC), sa_type=Moment)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    lead_id: int | None = Field(default=None, foreign_key="lead.id", index=True)
    user: User | None = Relationship(back_populates="comments")
    lead: Lead | None = Relationship(back_populates="comments")


class LeadEvent(SQLModel, table=True):
    """A line of a lead's history, written in the transaction of the change that it tells.

    `lead_id` and `user_id` are not declared as foreign keys: PostgreSQL would look each up anew for
    every line, which costs an import as much as the leads themselves.

    `user_id` is null where no person made the change. `data` is a JSON object: `{"from", "to"}`
    for a status, a follow-up or a trial, `{"comment_id"}` for a comment, `{"source"}` for a
    creation, and for an edit each field with its `{"from", "to"}`.
    """

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(index=True)
    at: datetime = Field(sa_type=Moment)
    user_id: int | None = None
    kind: str
    data: str
    import_id: int | None = Field(default=None, index=True)


class BulkChange(SQLModel, table=True):
    """Many leads changed at once, to be undone at once.

    `changes` has for each lead what was changed, `[from, to]` by the column, and the id of the last
    line of its history then.
    """

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id")
    at: datetime = Field(sa_type=Moment)
    changes: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    undone: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class RateCount(SQLModel, table=True):
    """How often something that is limited was tried within one window.

    It is a table and not a cache, so that every process of an installation counts together.
    `expires_at` is in seconds since the epoch, UTC.
    """

    key: str = Field(primary_key=True)
    count: int
    expires_at: float = Field(index=True)


class Delivery(SQLModel, table=True):
    """A delivery from outside, kept as it came before anything interprets it.

    A notification of Meta is a row of its own, and so is each lead that it announces (`parent_id`
    is the notification). `body` is what came, `fetched` what the Graph API answered. `reason` is a
    word to group by, `note` a sentence. `due_at` is when to try (again), `claimed_until` how long a
    worker has it for itself. `held_by` tells that worker from the next.
    """

    # A delivery that has come fills few of these columns, and many come at once.
    __table_args__ = (
        Index("ix_delivery_state_id", "state", "id"),
        _partly("ix_delivery_state_due_at", "state", "due_at", where="due_at IS NOT NULL"),
        *(
            _partly(f"ix_delivery_{name}", name, where=f"{name} IS NOT NULL")
            for name in ("parent_id", "form_id", "lead_id", "import_id")
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str
    state: str
    received_at: datetime = Field(sa_type=Moment)
    body: str
    parent_id: int | None = Field(default=None, foreign_key="delivery.id")
    leadgen_id: str | None = Field(default=None, unique=True, index=True)
    form_id: str | None = None
    fetched: str | None = None
    center_text: str | None = None
    lead_id: int | None = Field(default=None, foreign_key="lead.id")
    reason: str | None = None
    note: str | None = None
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    claimed_until: datetime | None = Field(default=None, sa_type=Moment)
    held_by: str | None = None
    closed_by: int | None = Field(default=None, foreign_key="user.id")
    import_id: int | None = Field(default=None, foreign_key="import.id")


class Form(SQLModel, table=True):
    """A form of Meta's: what its questions were, and what a team lead says they mean.

    `newest_lead_at` is the newest `created_time` that came in, in whatever way, to tell when a form
    has fallen silent. `backfilled_until` is the watermark of the backfill: the newest that it has
    read itself. A notification must not move that: one before it may have been lost.
    """

    id: str = Field(primary_key=True)
    questions: list[str] = Field(sa_column=Column(JSON, nullable=False))
    mapping: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    newest_lead_at: datetime | None = Field(default=None, sa_type=Moment)
    backfilled_until: datetime | None = Field(default=None, sa_type=Moment)


class Pause(SQLModel, table=True):
    """A time until which something is left alone, by all processes alike.

    `held_for` tells whether it still holds: for the graph host, the token that it was made for.
    """

    name: str = Field(primary_key=True)
    until: datetime = Field(sa_type=Moment)
    reason: str
    note: str
    held_for: str = ""


class Import(SQLModel, table=True):
    """A spreadsheet on its way in: planned, committed, and perhaps undone again.

    `mapping` says which column fills which field, `totals` how many rows have each verdict.
    `worked_at` is when the last batch of rows was planned or written: a server that died shows by
    it. `held_by` tells the one that is writing from another one that has taken over. `problem` is
    why it failed, as `reasons.Reason.encode` writes it.
    """

    id: int | None = Field(default=None, primary_key=True)
    state: str
    filename: str
    created_at: datetime = Field(sa_type=Moment)
    created_by: int | None = Field(default=None, foreign_key="user.id")
    columns: list[str] = Field(sa_column=Column(JSON, nullable=False))
    mapping: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    totals: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    rows_done: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    rows_total: int | None = None
    worked_at: datetime | None = Field(default=None, sa_type=Moment)
    problem: str | None = None
    held_by: str | None = None


class ImportRow(SQLModel, table=True):
    """A row of an import, and what is to become of it.

    `data` is a JSON object of the row's fields (see `backend.core.imports`), `cells` its cells as
    they were, where it is rejected. `lead_id` is the lead that it has become or joined, or will.
    `reasons` is a JSON list, as `backend.core.reasons.encode_list` writes it.
    """

    __table_args__ = (_partly("ix_importrow_lead_id", "lead_id", where="lead_id IS NOT NULL"),)

    import_id: int = Field(foreign_key="import.id", primary_key=True)
    number: int = Field(primary_key=True)
    verdict: str
    reasons: str | None = None
    lead_id: int | None = None
    data: str
    cells: str | None = None


class BigJob(SQLModel, table=True):
    """A place that a large job has, among those of all servers, until then (UTC)."""

    id: str = Field(primary_key=True)
    until: datetime = Field(sa_type=Moment)
