"""The database tables.

Times are UTC. PostgreSQL stores them as `timestamptz`; SQLite, which has no such type, as text
without an offset. `table=True` classes don't validate: input is validated by a schema first.

The relationships are for scripts (see docs/scripts.md). They are loaded on access, with one query
each, and the core doesn't use them. Deleting a user or a center deletes the links between them;
deleting a lead deletes its comments, its history and all else that is only its own.
"""

import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Connection, Date, Index, Integer, event, text
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Relationship, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime


class Role(StrEnum):
    """The roles. The column can contain other texts, from older installations."""

    TEAM_LEAD = "team_lead"
    TEAM_MEMBER = "team_member"
    OBSERVER = "observer"


class Status(StrEnum):
    """The statuses of a lead. The column can contain other texts, from older installations."""

    NEW = "New"
    CALLED = "Called"
    TRIAL_SCHEDULED = "Trial Scheduled"
    JOINED = "Joined"
    DEAD = "Dead/Not Interested"


class TrialOutcome(StrEnum):
    """The outcomes of a trial. One that is rescheduled has another time, and no outcome yet."""

    ATTENDED = "attended"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """The outcome of an attempt to reach a lead. `core.leads.attempts` says what each means."""

    SPOKE = "spoke"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    SWITCHED_OFF = "switched_off"
    WRONG_NUMBER = "wrong_number"
    CALL_BACK = "call_back"
    WHATSAPP = "whatsapp"


class EventKind(StrEnum):
    """The kinds of events in a lead's history."""

    CREATED = "created"
    REPEAT_ENQUIRY = "repeat_enquiry"
    STATUS = "status"
    FOLLOW_UP = "follow_up"
    COMMENT = "comment"
    EDITED = "edited"
    TRIAL = "trial"
    MERGED = "merged"
    UNMERGED = "unmerged"
    MOVED = "moved"
    DO_NOT_CONTACT = "do_not_contact"
    CONTACT_ALLOWED = "contact_allowed"
    CONSENT = "consent"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CALL = "call"
    ASSIGNED = "assigned"
    DELETED = "deleted"


class Target(StrEnum):
    """What has a target: the first call of a new lead, and a follow-up that is due."""

    FIRST_CALL = "first_call"
    FOLLOW_UP = "follow_up"


class Source(StrEnum):
    """The ways a lead or a delivery arrives."""

    META = "meta"
    FLAT = "webhook"
    BACKFILL = "backfill"
    UPLOAD = "upload"
    MANUAL = "manual"


class ChoiceKind(StrEnum):
    """The lists that team leads edit, each of texts for one column of a lead."""

    LOST_REASON = "lost_reason"
    AGE_GROUP = "age_group"
    SOURCE = "source"


class DeliveryState(StrEnum):
    """The states of a delivery. `backend.core.intake.deliveries` defines the transitions."""

    RECEIVED = "received"
    PROCESSED = "processed"
    WAITING = "waiting"
    RETRYING = "retrying"
    FAILED = "failed"
    DISMISSED = "dismissed"


class MessageState(StrEnum):
    """The states of a message of the outbox. `backend.core.outbox.messages` has the transitions."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DISMISSED = "dismissed"


class ImportState(StrEnum):
    """The states of an import. In UPLOADING and COMMITTING its leads are being written."""

    PLANNING = "planning"
    PLANNED = "planned"
    UPLOADING = "uploading"
    COMMITTING = "committing"
    COMMITTED = "committed"
    UNDONE = "undone"
    FAILED = "failed"


class ListChangeState(StrEnum):
    """The states of a change of a whole list. Of one that failed, what was done can be undone."""

    CHANGING = "changing"
    CHANGED = "changed"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"


class Moment(UTCDateTime):
    """A time column. A script's times without an offset, and dates, are in the settings' zone.

    SQLite keeps any text that a script stores: one that is no time is read as None.
    """

    cache_ok = True

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None] | None:
        """Return the function that makes a time of what is stored."""
        process = super().result_processor(dialect, coltype)
        if dialect.name != "sqlite" or process is None:
            return process

        def read(stored: Any) -> datetime | None:
            try:
                return process(stored)
            except (ValueError, TypeError):
                return None

        return read

    def process_bind_param(
        self, value: datetime | date | None, _dialect: Dialect
    ) -> datetime | None:
        """Return the time in UTC. Raises `ConfigurationError` if the settings can't be read."""
        if value is None:
            return None
        if not isinstance(value, datetime):
            value = datetime.combine(value, time.min)
        if value.tzinfo is None:
            # The core always uses an offset, so this value comes from a script.
            from backend.core import installation

            value = value.replace(tzinfo=installation.settings().zone)
        return value.astimezone(UTC)


class Day(TypeDecorator[date]):
    """A column of days. SQLite keeps anything that a script stores: no day is read as None."""

    impl = Date
    cache_ok = True

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], date | None] | None:
        """Return the function that makes a day of what is stored."""
        return read_day if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def read_day(stored: Any) -> date | None:
    """Return the day of a text that SQLite has in a column of days; None if it is no day."""
    if not isinstance(stored, str) or stored[10:11] not in ("", " ", "T"):
        return None
    try:
        return date.fromisoformat(stored[:10])
    except ValueError:
        return None


class Reference(Integer):
    """A column of ids. SQLite keeps anything that a script stores: no id is read as None."""

    cache_ok = True

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], int | None] | None:
        """Return the function that makes an id of what is stored."""
        if dialect.name == "sqlite":
            return _read_id
        return super().result_processor(dialect, coltype)


def _read_id(stored: Any) -> int | None:
    return stored if type(stored) is int else None


def email_key(email: str) -> str:
    """Return an email for comparison: without spaces around it, in lower case.

    Letters of full width and characters that nobody sees don't make another address.
    """
    key = email_as_typed_key(email)
    if key.isascii():
        return key
    from backend.core.center_keys import without_unseen

    # Either step can leave something for the other one.
    folded = unicodedata.normalize("NFKC", without_unseen(key)).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def email_as_typed_key(email: str) -> str:
    """Return the `email_key` of older accounts, with their letters of full width as typed."""
    return email.strip().casefold()


def _key_of_email(context: DefaultExecutionContext) -> str:
    """Return the `email_key` for an account that a script adds without one."""
    return email_key(context.get_current_parameters()["email"])  # type: ignore[no-untyped-call]


def _key_of_tag(context: DefaultExecutionContext) -> str:
    """Return the `tag_key` for a center that a script adds without one."""
    from backend.core.center_keys import center_key

    tag: str = context.get_current_parameters()["meta_tag_name"]  # type: ignore[no-untyped-call]
    return center_key(tag)


def _children(of: str, back: str) -> Any:
    """Return a relationship to the rows that refer to this one, in the order of their ids."""
    return Relationship(
        back_populates=back,
        # Let the database decide what can be deleted, without loading or changing other rows.
        passive_deletes="all",
        sa_relationship_kwargs={"order_by": f"{of}.id"},
    )


class Table(SQLModel):
    """The base class of all tables.

    SQLModel doesn't validate rows, so Pydantic's validators aren't built unless a script asks for
    one: building them takes time at every start.
    """

    model_config = {"defer_build": True}


class UserCenterLink(Table, table=True):
    """A center whose leads a user can see."""

    user_id: int = Field(foreign_key="user.id", primary_key=True)
    center_id: int = Field(foreign_key="center.id", primary_key=True, index=True)


class User(Table, table=True):
    """A person who can sign in.

    `email_key` makes emails unique regardless of case. It is the email in lower case. If an older
    installation has two accounts whose emails differ only in case, the later account's key is its
    email as typed, so that both can still sign in. Older keys also differ where letters only look
    alike. Raising `token_version` ends all tokens.
    """

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, index=True)
    # Scripts print accounts, and their output is kept.
    hashed_password: str = Field(repr=False)
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


class UserSession(Table, table=True):
    """A sign-in, until it ends. A token belongs to it by its claim `jti`.

    `version` is the account's `token_version`: the session ends when that is raised. `two_steps`
    says whether it began with a second factor. `device` is what people call the browser or program,
    `address` where it was last used. `ended_at` is null for a session that nobody has ended;
    whether it is over by its times is decided at each request. `passkey_id` is the passkey that it
    began with, which may have been removed.
    """

    id: int | None = Field(default=None, primary_key=True)
    jti: str = Field(unique=True, index=True)
    user_id: int = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    version: int
    two_steps: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    device: str
    address: str
    created_at: datetime = Field(sa_type=Moment)
    last_used_at: datetime = Field(sa_type=Moment)
    ends_at: datetime = Field(sa_type=Moment, index=True)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    passkey_id: int | None = None


class SecondFactor(Table, table=True):
    """An authenticator app of a person. It counts once `confirmed_at` is set.

    `last_step` is the time step of the last code that was used, so that none is used twice.
    """

    user_id: int = Field(foreign_key="user.id", primary_key=True, ondelete="CASCADE")
    secret: str
    created_at: datetime = Field(sa_type=Moment)
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    last_step: int = Field(default=0, sa_type=BigInteger)


class RecoveryCode(Table, table=True):
    """A code that works once in place of an authenticator app; there is only a hash of it."""

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    code_hash: str
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class Passkey(Table, table=True):
    """A passkey of a person (WebAuthn). `label` is what they call it.

    `credential_id` and `public_key` are in base64url, and so is `user_handle`, by which an
    authenticator knows the account: one for all passkeys of a person, and nothing about them.
    """

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    credential_id: str = Field(unique=True, index=True)
    public_key: str
    user_handle: str
    sign_count: int = Field(sa_type=BigInteger)
    label: str
    created_at: datetime = Field(sa_type=Moment)
    last_used_at: datetime | None = Field(default=None, sa_type=Moment)


class UsedChallenge(Table, table=True):
    """A challenge that a passkey has answered, so that no answer counts twice, until it expires."""

    hash: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=Moment)


class PasswordLink(Table, table=True):
    """A one-time link with which a person chooses a password; there is only a hash of its token."""

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    token_hash: str = Field(unique=True, index=True)
    created_at: datetime = Field(sa_type=Moment)
    created_by: int | None = None
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class Center(Table, table=True):
    """A place where the academy trains. `meta_tag_name` is its name in forms and spreadsheets.

    `name_key` and `tag_key` make both names unique, however they are written. They are null for the
    later of two centers that an older installation has with one name, and `name_key` is for one
    that a script has added. An archived center gets no new leads. One that was merged is archived,
    and `merged_into` is the center that has its leads.
    """

    id: int | None = Field(default=None, primary_key=True)
    display_name: str
    meta_tag_name: str = Field(unique=True, index=True)
    city: str
    location: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    name_key: str | None = Field(default=None, unique=True, index=True)
    tag_key: str | None = Field(
        default=None, unique=True, index=True, sa_column_kwargs={"default": _key_of_tag}
    )
    archived_at: datetime | None = Field(default=None, sa_type=Moment)
    merged_into: int | None = None
    users: list["User"] = Relationship(
        back_populates="centers",
        link_model=UserCenterLink,
        sa_relationship_kwargs={"order_by": "User.id"},
    )
    leads: list["Lead"] = _children("Lead", "center")


class CenterAlias(Table, table=True):
    """Another name of a center in forms and spreadsheets. `key` is the text for comparison."""

    key: str = Field(primary_key=True)
    text: str
    center_id: int = Field(foreign_key="center.id", index=True)
    created_at: datetime = Field(sa_type=Moment)
    created_by: int | None = Field(default=None, foreign_key="user.id")


class AliasedLead(Table, table=True):
    """A lead that came in by an alias of its center: what is found when the alias was wrong."""

    lead_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    alias_key: str = Field(index=True)


class CenterChange(Table, table=True):
    """A merge of a center into another, or an alias that was reverted; both can be undone.

    `center_id` is the center that leads were moved from, `into_id` the one that they were moved to,
    or null where they wait again. `data` has what else was moved: people, aliases, forms, pages.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    center_id: int = Field(index=True)
    into_id: int | None = None
    user_id: int = Field(foreign_key="user.id")
    at: datetime = Field(sa_type=Moment)
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    undone: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class MovedLead(Table, table=True):
    """A lead that a change of centers has moved."""

    change_id: int = Field(foreign_key="centerchange.id", primary_key=True)
    lead_id: int = Field(primary_key=True)


def _partly(name: str, *columns: str, where: str) -> Index:
    """Return a partial index, over the rows that meet a condition.

    The condition is informational: the migrations create the index. An option such as
    `postgresql_where` would import the whole dialect at every start.
    """
    return Index(name, *columns, info={"where": where})


class Lead(Table, table=True):
    """A child whose parent has enquired. `leadgen_id` is Meta's id of the lead, if it has one.

    The match keys `phone_key` (E.164), `name_key` and `email_key` find the same lead again; leads
    with the same phone are a household. `phone` is kept as typed: `phone_issue` is the code of
    `phones.PhoneIssue` if it has no valid number, and `LeadPhone` has its further numbers. `source`
    is a `Source`, or an entry of the list for leads that people add. Test leads are excluded from
    reports. `called_at` and the columns after it are when the lead first reached each stage:
    `trialled_at` when a trial was booked, `attended_at` when one was attended.
    `search_indexed` says whether the lead is in the search index. `owner_id` is the person who
    works on it; without one it's in its center's queue. Nobody calls or writes to one with
    `do_not_contact`. `trial_outcome` is how the trial at `trial_at` went; `lost_reason_text` says
    what the reason "Other" was.

    `attempts` counts the lead's rows of `Attempt`; `unanswered` is how many of them were not
    answered, one after the other, up to now; `last_attempt_at` and `last_outcome` are those of the
    last one. Since `unreachable_since` nobody tries again. Attempts before `tries_since` don't
    count as tries. `wrong_phone` is a number in E.164 that turned out to be someone else's.

    Until `call_by` someone should call it for the first time; it's null once anyone has worked on
    the lead, and where its center has no target. It was given to its owner at `handed_over_at`
    because the one before has missed that, and nobody has worked on it since.
    """

    __table_args__ = (
        Index("ix_lead_created_time_id", "created_time", "id"),
        Index("ix_lead_center_id_status_created_time", "center_id", "status", "created_time"),
        Index("ix_lead_center_id_created_time", "center_id", "created_time"),
        Index("ix_lead_center_id_name_key", "center_id", "name_key"),
        # Leaves out uploads, which are usually most of the leads.
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
        _partly(
            "ix_lead_center_due",
            "center_id",
            "next_followup_date",
            where="next_followup_date IS NOT NULL AND status <> 'Joined' "
            "AND status <> 'Dead/Not Interested'",
        ),
        _partly("ix_lead_trial_at", "trial_at", where="trial_at IS NOT NULL"),
        _partly("ix_lead_search_indexed", "id", where="NOT search_indexed"),
        _partly("ix_lead_is_test", "status", where="is_test"),
        _partly(
            "ix_lead_lost_reason", "lost_reason", "created_time", where="lost_reason IS NOT NULL"
        ),
        _partly(
            "ix_lead_no_next_step",
            "center_id",
            "created_time",
            where="next_followup_date IS NULL AND status <> 'New' AND status <> 'Joined' "
            "AND status <> 'Dead/Not Interested' AND unreachable_since IS NULL",
        ),
        _partly("ix_lead_birth_date", "birth_date", "name_key", where="birth_date IS NOT NULL"),
        _partly(
            "ix_lead_phone_issue", "phone_issue", "created_time", where="phone_issue IS NOT NULL"
        ),
        _partly("ix_lead_attempts", "attempts", "created_time", where="attempts > 0"),
        _partly("ix_lead_last_attempt_at", "last_attempt_at", where="last_attempt_at IS NOT NULL"),
        _partly(
            "ix_lead_open_last_attempt_at",
            "last_attempt_at",
            where="last_attempt_at IS NOT NULL AND status <> 'Joined' "
            "AND status <> 'Dead/Not Interested'",
        ),
        _partly(
            "ix_lead_unreachable",
            "center_id",
            "created_time",
            where="unreachable_since IS NOT NULL",
        ),
        _partly("ix_lead_owned", "owner_id", "created_time", where="owner_id IS NOT NULL"),
        _partly(
            "ix_lead_owned_due",
            "owner_id",
            "next_followup_date",
            where="owner_id IS NOT NULL AND next_followup_date IS NOT NULL",
        ),
        _partly(
            "ix_lead_owned_undated",
            "owner_id",
            "created_time",
            where="owner_id IS NOT NULL AND next_followup_date IS NULL AND status <> 'Joined' "
            "AND status <> 'Dead/Not Interested'",
        ),
        # What each person has to do, counted without a look at the leads.
        _partly(
            "ix_lead_owned_open",
            "owner_id",
            "center_id",
            "next_followup_date",
            "status",
            "is_test",
            where="owner_id IS NOT NULL AND status <> 'Joined' AND status <> 'Dead/Not Interested'",
        ),
        _partly(
            "ix_lead_queued_due",
            "next_followup_date",
            where="owner_id IS NULL AND next_followup_date IS NOT NULL",
        ),
        _partly(
            "ix_lead_queued_new",
            "center_id",
            "created_time",
            where="owner_id IS NULL AND next_followup_date IS NULL AND status = 'New'",
        ),
        _partly(
            "ix_lead_queued_no_next_step",
            "center_id",
            "created_time",
            where="owner_id IS NULL AND next_followup_date IS NULL AND status <> 'New' "
            "AND status <> 'Joined' AND status <> 'Dead/Not Interested' "
            "AND unreachable_since IS NULL",
        ),
        _partly("ix_lead_call_by", "call_by", where="call_by IS NOT NULL"),
        _partly(
            "ix_lead_handed_over",
            "center_id",
            "created_time",
            where="handed_over_at IS NOT NULL",
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
    center_id: int | None = Field(default=None, foreign_key="center.id", sa_type=Reference)
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
    phone_issue: str | None = None
    phone_extension: str | None = None
    birth_date: date | None = Field(default=None, sa_type=Day)
    owner_id: int | None = Field(default=None, foreign_key="user.id", sa_type=Reference)
    do_not_contact: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    attended_at: datetime | None = Field(default=None, sa_type=Moment)
    trial_outcome: str | None = None
    lost_reason_text: str | None = None
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    unanswered: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    last_attempt_at: datetime | None = Field(default=None, sa_type=Moment)
    last_outcome: str | None = None
    unreachable_since: datetime | None = Field(default=None, sa_type=Moment)
    tries_since: datetime | None = Field(default=None, sa_type=Moment)
    wrong_phone: str | None = None
    call_by: datetime | None = Field(default=None, sa_type=Moment)
    handed_over_at: datetime | None = Field(default=None, sa_type=Moment)
    center: Center | None = Relationship(back_populates="leads")
    comments: list["Comment"] = _children("Comment", "lead")


class LeadPhone(Table, table=True):
    """A further valid number of a lead, in E.164, apart from its `phone_key`.

    It is from the text of the lead's phone or from an enquiry that joined the lead. `import_id` is
    the import that brought such an enquiry, if undoing that import removes the number. The database
    deletes the rows with their lead.
    """

    __table_args__ = (
        _partly("ix_leadphone_import_id", "import_id", where="import_id IS NOT NULL"),
    )

    lead_id: int = Field(foreign_key="lead.id", primary_key=True, ondelete="CASCADE")
    phone_key: str = Field(primary_key=True, index=True)
    import_id: int | None = None


class LeadClaim(Table, table=True):
    """A lead that someone has in hand, until a time: nobody else is offered it until then.

    The database deletes the row with its lead and with its user.
    """

    lead_id: int = Field(
        foreign_key="lead.id",
        primary_key=True,
        ondelete="CASCADE",
        sa_column_kwargs={"autoincrement": False},
    )
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    until: datetime = Field(sa_type=Moment, index=True)


class DailyTotal(Table, table=True):
    """The totals for a group of leads created on one day at one center, without test leads.

    The leads are grouped three times: by source, by campaign and by lost reason. `dimension` says
    by which of them, `key` is the value. `within_5m` and the columns after it count leads by the
    time to their first call; `waited` is the sum of those times, in seconds.
    `backend.core.reports.rollup` maintains the rows.
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
    attended: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class TotalledDay(Table, table=True):
    """A day in the installation's zone that has daily totals, with its start and end."""

    day: date = Field(primary_key=True)
    begins: datetime = Field(sa_type=Moment)
    ends: datetime = Field(sa_type=Moment)


class ChangedDay(Table, table=True):
    """A UTC day whose daily totals are out of date, because a lead was added, changed or deleted.

    Database triggers write the rows. The day is a text, since on SQLite another program can write
    anything as a lead's time.
    """

    id: int | None = Field(default=None, primary_key=True)
    day: str = Field(index=True)


class ErasedLead(Table, table=True):
    """What is left of a lead that was erased: what reports count, and nothing of the person.

    `lead_id` was its id, `last_id` the highest one of it and of those that were merged into it:
    none of these is given to another lead. `snapshot` has all its rows, for nobody to see, until
    `destroyed_at`; they are destroyed once `destroy_at` has come. `searched_at` is when copies of
    the person's data that belong to no lead were last looked for and removed.
    """

    __table_args__ = (
        _partly("ix_erasedlead_destroy_at", "destroy_at", where="destroyed_at IS NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(index=True)
    last_id: int
    created_time: datetime = Field(sa_type=Moment, index=True)
    center_id: int | None = None
    status: str
    source: str | None = None
    is_test: bool
    campaign: str | None = None
    lost_reason: str | None = None
    called_at: datetime | None = Field(default=None, sa_type=Moment)
    trialled_at: datetime | None = Field(default=None, sa_type=Moment)
    joined_at: datetime | None = Field(default=None, sa_type=Moment)
    lost_at: datetime | None = Field(default=None, sa_type=Moment)
    erased_at: datetime = Field(sa_type=Moment)
    erased_by: int | None = None
    destroy_at: datetime = Field(sa_type=Moment)
    searched_at: datetime | None = Field(default=None, sa_type=Moment)
    destroyed_at: datetime | None = Field(default=None, sa_type=Moment)
    snapshot: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    attended_at: datetime | None = Field(default=None, sa_type=Moment)


class ErasedKey(Table, table=True):
    """A keyed hash of what an erased person would be recognised by if they came in again."""

    hash: str = Field(primary_key=True)
    erased_id: int = Field(foreign_key="erasedlead.id", primary_key=True)
    at: datetime = Field(sa_type=Moment)


class LeadOrigin(Table, table=True):
    """The form, ad and campaign of a lead from Meta, and its answers to other questions."""

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


class Consent(Table, table=True):
    """A consent: a box on a form that a lead has filled in, or one that a person has recorded.

    `key` is the form's own name of the box, `text` what the box said, null until the form's
    definition has been read. `at` is when the form was sent. An enquiry that is repeated adds rows
    of its own. One that a person has recorded has `channel`, how it was given, `version`, which
    edition of the text, and `user_id`. It counts until `withdrawn_at`.
    """

    __table_args__ = (_partly("ix_consent_form_id", "form_id", "key", where="text IS NULL"),)

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    key: str
    text: str | None = None
    granted: bool
    source: str
    at: datetime = Field(sa_type=Moment)
    form_id: str | None = None
    channel: str | None = None
    version: str | None = None
    user_id: int | None = None
    withdrawn_at: datetime | None = Field(default=None, sa_type=Moment)
    withdrawn_by: int | None = None


class NotDuplicate(Table, table=True):
    """Two leads that a person marked as not duplicates. `first_id` is the smaller id.

    The ids stay when one of the leads is merged into another, so they aren't foreign keys.
    """

    first_id: int = Field(primary_key=True)
    second_id: int = Field(primary_key=True, index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    at: datetime = Field(sa_type=Moment)


class LeadMerge(Table, table=True):
    """A lead that was merged into another, the survivor; its own row is deleted until an unmerge.

    `current_id` is where the lead is now: the survivor, or the lead that the survivor was merged
    into later. Meta's id and the keys of the merged lead are kept, so that it's recognised if it
    comes in again; `email_key` only if it had no valid number. `snapshot` has all that an unmerge
    restores, and nothing once it's undone: see `backend.core.leads.merge_records`.
    """

    __table_args__ = (
        Index(
            "ix_leadmerge_merged_id",
            "merged_id",
            unique=True,
            info={"where": "undone_at IS NULL"},
        ),
        *(
            _partly(f"ix_leadmerge_{name}", name, where=f"{name} IS NOT NULL")
            for name in ("leadgen_id", "name_key")
        ),
        Index("ix_leadmerge_user_id_at", "user_id", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    merged_id: int
    survivor_id: int = Field(index=True)
    current_id: int = Field(index=True)
    at: datetime = Field(sa_type=Moment)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    event_id: int | None = None
    leadgen_id: str | None = None
    name_key: str | None = None
    email_key: str | None = None
    player_age_category: str | None = None
    birth_date: date | None = None
    snapshot: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    undone_at: datetime | None = Field(default=None, sa_type=Moment)
    undone_by: int | None = Field(default=None, foreign_key="user.id")


class Comment(Table, table=True):
    """A person's comment on a lead."""

    id: int | None = Field(default=None, primary_key=True)
    text: str
    timestamp: datetime = Field(default_factory=lambda: datetime.now(UTC), sa_type=Moment)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    lead_id: int | None = Field(default=None, foreign_key="lead.id", index=True)
    user: User | None = Relationship(back_populates="comments")
    lead: Lead | None = Relationship(back_populates="comments")


class Attempt(Table, table=True):
    """An attempt to reach a lead: a call that was answered or not, or a message.

    `seconds` is how long it took from tapping Call until the person was back in the web app. `key`
    is the client's own id of it, so that a request that is sent twice counts once. `changes` has
    the lead's columns that it changed, as `[from, to]`. One that was undone stays until the lead is
    removed, so that its key is known.
    """

    __table_args__ = (
        Index("ix_attempt_user_id_key", "user_id", "key", unique=True),
        Index("ix_attempt_user_id_at", "user_id", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    at: datetime = Field(sa_type=Moment, index=True)
    outcome: str
    seconds: int | None = None
    key: str | None = None
    comment_id: int | None = None
    changes: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    undone_at: datetime | None = Field(default=None, sa_type=Moment)
    # Which text a message had: never what it said, with the lead's name in it.
    text_id: int | None = None


class IdempotencyKey(Table, table=True):
    """A request that a person's client gave a key, so that it is carried out once.

    `fingerprint` is a hash of the request. `answer` is compressed, and null once it is forgotten.
    The person isn't declared as a foreign key: a row is of no use after some days.
    """

    user_id: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    answer: bytes | None = None
    at: datetime = Field(sa_type=Moment, index=True)


class MessageText(Table, table=True):
    """A WhatsApp text that a team lead edits, with placeholders such as `{name}`.

    It's for all centers, or for one, where it replaces the one of the same name for all. It's
    offered for leads with its status, or with any if that is null. `key` makes the name unique
    within its center, and is null once the text is archived. It's never removed, since attempts
    refer to it.
    """

    id: int | None = Field(default=None, primary_key=True)
    center_id: int | None = Field(default=None, foreign_key="center.id")
    label: str
    key: str | None = Field(default=None, unique=True, index=True)
    status: str | None = None
    message: str
    archived_at: datetime | None = Field(default=None, sa_type=Moment)


class CallingRules(Table, table=True):
    """When and how often parents are called: of a center, or of all (`center_id` is null).

    `place` is the center's id, or 0 for all, so that there is one row of each. What is null is as
    it is for all centers, or as the settings have it. `week` has the opening hours of each day,
    Monday first, as `["10:00", "20:00"]`. `retry_plan` has waits such as `4h`.

    The targets are in minutes of opening hours; 0 is no target. `follow_up_since` is when that of
    follow-ups was last changed: those that were due before aren't measured.
    """

    id: int | None = Field(default=None, primary_key=True)
    place: int = Field(unique=True, index=True)
    center_id: int | None = Field(default=None, foreign_key="center.id", ondelete="CASCADE")
    week: list[list[list[str]]] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    retry_plan: list[str] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    first_call_minutes: int | None = None
    follow_up_minutes: int | None = None
    follow_up_since: datetime | None = Field(default=None, sa_type=Moment)


class MissedTarget(Table, table=True):
    """A target that was missed: nobody called a lead by `due_at`, which showed at `missed_at`.

    `kind` is one of `Target`. `owner_id` is who had the lead then, null for the queue, and
    `handed_to` who got it because of that. `center_id` is the lead's center then. The rows have
    nothing of a person and stay when the lead is erased: reports count them.
    """

    __table_args__ = (
        Index("ix_missedtarget_lead_id_kind_due_at", "lead_id", "kind", "due_at", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int
    kind: str
    due_at: datetime = Field(sa_type=Moment)
    missed_at: datetime = Field(sa_type=Moment, index=True)
    owner_id: int | None = None
    center_id: int | None = None
    handed_to: int | None = None


class Holiday(Table, table=True):
    """Days on which a center is closed, or all are (`center_id` is null); the last one included."""

    id: int | None = Field(default=None, primary_key=True)
    center_id: int | None = Field(
        default=None, foreign_key="center.id", ondelete="CASCADE", index=True
    )
    first_day: date
    last_day: date = Field(index=True)
    label: str


class Presence(Table, table=True):
    """When a person works, and whether they are away just now. Without a row they work as usual.

    `week` is as in `CallingRules`; null means the opening hours of each center. They are away since
    `away_since`, until `away_until`, or until they come back if that is null.
    """

    user_id: int = Field(
        foreign_key="user.id",
        primary_key=True,
        ondelete="CASCADE",
        sa_column_kwargs={"autoincrement": False},
    )
    week: list[list[list[str]]] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    away_since: datetime | None = Field(default=None, sa_type=Moment)
    away_until: datetime | None = Field(default=None, sa_type=Moment)


class Leave(Table, table=True):
    """Days on which a person doesn't work, in the academy's zone; the last one is included."""

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    first_day: date
    last_day: date = Field(index=True)
    label: str | None = None


class AssignmentRule(Table, table=True):
    """A rule that says who gets new leads: of a center, or of all (`center_id` is null).

    The first active rule that a lead meets counts; those of its center come first, each list in the
    order of `position` and `id`. `conditions` is as `schemas.assignment.Conditions` has it.
    """

    id: int | None = Field(default=None, primary_key=True)
    center_id: int | None = Field(
        default=None, foreign_key="center.id", ondelete="CASCADE", index=True
    )
    position: int
    conditions: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    since: datetime = Field(sa_type=Moment)


class AssignmentShare(Table, table=True):
    """A person who gets leads by a rule. `core.leads.turns` says how they take turns.

    `served` is how far their turns have come. `in_turn` is whether they could get a lead at the
    rule's last turn. `given` counts the leads of `day`, in the academy's zone; `cap` limits them.
    """

    rule_id: int = Field(
        foreign_key="assignmentrule.id",
        primary_key=True,
        ondelete="CASCADE",
        sa_column_kwargs={"autoincrement": False},
    )
    user_id: int = Field(
        foreign_key="user.id",
        primary_key=True,
        ondelete="CASCADE",
        index=True,
        sa_column_kwargs={"autoincrement": False},
    )
    weight: int
    cap: int | None = None
    served: int = Field(
        default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")}
    )
    in_turn: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    day: date | None = None
    given: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class WaitingLead(Table, table=True):
    """A lead that met a rule when nobody of the rule was present; it's in its center's queue.

    `core.leads.waiting_leads` gives it to someone once they are back.
    """

    __table_args__ = (
        Index("ix_waitinglead_rule_id_center_id_lead_id", "rule_id", "center_id", "lead_id"),
    )

    lead_id: int = Field(
        foreign_key="lead.id",
        primary_key=True,
        ondelete="CASCADE",
        sa_column_kwargs={"autoincrement": False},
    )
    rule_id: int = Field(foreign_key="assignmentrule.id", ondelete="CASCADE")
    center_id: int


class Choice(Table, table=True):
    """An entry of a list that a team lead edits: a lost reason, an age category or a source.

    `place` is the id of the center whose list it is in, or 0 for the list of all centers, where
    `center_id` is null. `folded` is the text for comparison, and `key` makes it unique within its
    list; that is null once the entry is removed. It then stays for the leads that have its text.
    """

    __table_args__ = (Index("ix_choice_kind_place_folded", "kind", "place", "folded"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    place: int
    center_id: int | None = Field(default=None, foreign_key="center.id", ondelete="CASCADE")
    text: str
    folded: str
    key: str | None = Field(default=None, unique=True, index=True)
    position: int
    removed_at: datetime | None = Field(default=None, sa_type=Moment)


class ErasedAttempt(Table, table=True):
    """An attempt to reach a lead that was erased: what reports count, and nothing of the person."""

    id: int | None = Field(default=None, primary_key=True)
    erased_id: int = Field(foreign_key="erasedlead.id", index=True)
    user_id: int | None = None
    at: datetime = Field(sa_type=Moment, index=True)
    outcome: str


class LeadEvent(Table, table=True):
    """An event in a lead's history, written in the same transaction as the change itself.

    `lead_id` and `user_id` aren't declared as foreign keys: PostgreSQL would check both for every
    row, which takes as long as importing the leads themselves.

    `user_id` is null if no person made the change. `data` is a JSON object: `{"from", "to"}` for a
    status, a follow-up, a trial or a move between centers, `{"comment_id"}` for a comment,
    `{"source"}` for a new lead, `{"key"}` for a consent, `{"call_id", "outcome"}` for a call, with
    the `text_id` and `text_label` of a message, and for an edit each field with its
    `{"from", "to"}`. That of an owner has names: `{"from", "to", "owner_id"}`,
    and the `rule_id` of the assignment rule that has given it, or `restored` if an undo
    has given it back. The lines of an import keep what an undo restores, too: the `from_id` of the
    owner before, and as `was` the columns of a lead that was unreachable.
    """

    __table_args__ = (
        # What a person has done: whose change it was that brought a lead to a stage.
        _partly(
            "ix_leadevent_by_person",
            "user_id",
            "at",
            "lead_id",
            where="user_id IS NOT NULL AND kind <> 'created'",
        ),
        _partly("ix_leadevent_repeat", "lead_id", where="kind = 'repeat_enquiry'"),
    )

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(index=True)
    at: datetime = Field(sa_type=Moment)
    user_id: int | None = None
    kind: str
    data: str
    import_id: int | None = Field(default=None, index=True)


class BulkChange(Table, table=True):
    """A bulk edit or a deletion of several leads, which can be undone.

    `changes` has, for each lead, its `id`, its columns as they were (`was`), those that were
    changed as they became (`to`), the id of the last event in its history then (`version`), and
    that of a comment that was added (`comment`). For a lead that was deleted, it has its `id` and
    all its rows (`deleted`: see `leads.deleted_rows`), or null once they are gone for good or
    restored. `list_change_id` is the change of a whole list that it's a part of.
    """

    __table_args__ = (
        Index("ix_bulkchange_user_id_at", "user_id", "at"),
        _partly(
            "ix_bulkchange_list_change_id",
            "list_change_id",
            where="list_change_id IS NOT NULL",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id")
    at: datetime = Field(sa_type=Moment)
    changes: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    undone: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    list_change_id: int | None = None


class ListChange(Table, table=True):
    """A change of all leads of a list, done in steps in the background: see `leads.list_changes`.

    `wanted` is what to change, and empty once that's done. Leads with events after `last_event`
    have changed since it began. `asked_at` is when it, or its undo, was asked for: the first comes
    first. The counts are of leads; `problem` says why it failed.
    """

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    at: datetime = Field(sa_type=Moment)
    asked_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    undone_by: int | None = None
    state: str
    wanted: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    last_event: int
    total: int
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    restored: int = 0
    kept: int = 0
    problem: str | None = None


class ListChangePart(Table, table=True):
    """Leads that a change of a list still has to change: their ids, four bytes each.

    They aren't looked for again, since the change itself makes them leave the list.
    """

    list_change_id: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    leads: bytes


class SavedView(Table, table=True):
    """A list of leads that a person has named: its filter and order, as a query.

    A `shared` one is for all who work at a center, or for all people if `center_id` is null.
    """

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    name: str
    query: str
    shared: bool = False
    center_id: int | None = Field(default=None, foreign_key="center.id", ondelete="CASCADE")


class RecentEdit(Table, table=True):
    """An edit of one lead, which can be undone for a day; then the row is removed.

    `changes` has the lead's columns that it changed, as `[from, to]`, and `numbers`, its further
    numbers, if they did. `attempts` is how often someone had tried to reach the lead by then. A
    merged lead's edits keep its id, so that they can be undone once the merge is. The lead isn't a
    foreign key: nothing needs to check it with every edit.
    """

    __table_args__ = (Index("ix_recentedit_user_id_at", "user_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(index=True)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    at: datetime = Field(sa_type=Moment)
    changes: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    attempts: int
    undone_at: datetime | None = Field(default=None, sa_type=Moment)


class InstallationMark(Table, table=True):
    """Something that was once true of this installation, such as `webhook_access.WAS_OPEN`."""

    name: str = Field(primary_key=True)
    since: datetime = Field(sa_type=Moment)


class RateCount(Table, table=True):
    """The number of attempts within one window of a rate limit.

    It is a table rather than a cache, so that all processes of an installation share the count.
    `expires_at` is in seconds since the epoch.
    """

    key: str = Field(primary_key=True)
    count: int
    expires_at: float = Field(index=True)


class Delivery(Table, table=True):
    """A delivery from outside, stored as received before it is processed.

    A notification from Meta is one row, and each lead it announces is another row (`parent_id` is
    the notification). `body` is the received text, `fetched` the answer of the Graph API. `reason`
    is a code, `details` a JSON object with the parameters of its text: see
    `backend.core.reasons.two_columns`. `due_at` is the time of the next attempt. While a worker
    processes the delivery, `claimed_until` is the end of its claim and `held_by` identifies it.
    `center_text` is the text for the center if it isn't exactly a center's name; `center_id` is
    where a person has placed a delivery that names no center.
    `content_type` and `content_encoding` are the headers of a body that isn't plain JSON; one that
    no text column takes is kept as base64: see `backend.core.intake.bodies.stored_text`.
    `is_unverified` is whether anyone may have sent it: see `backend.core.intake.webhook_access`.
    """

    # New deliveries arrive in bursts and fill few of these columns: partial indexes keep them fast.
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
    details: str | None = None
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    claimed_until: datetime | None = Field(default=None, sa_type=Moment)
    held_by: str | None = None
    closed_by: int | None = Field(default=None, foreign_key="user.id")
    import_id: int | None = Field(default=None, foreign_key="import.id")
    center_id: int | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    is_unverified: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class Form(Table, table=True):
    """A form on Meta, with its questions and the field that each question fills.

    `newest_lead_at` is the newest `created_time` of any lead from the form; it shows when a form
    falls silent. `backfilled_until` is the backfill's watermark: the newest lead the backfill has
    read itself. A notification doesn't move it, since an earlier notification may have been lost.
    `center_id` is the center of leads whose answers name none, and `page_id` the form's page.

    `seen_at` is when this installation first saw the form. `name`, `page_id`, `status` and
    `created_at` are Meta's, and so are `boxes`, the texts of its consent boxes by their keys;
    `read_at` is when Meta was last asked for them.
    """

    id: str = Field(primary_key=True)
    questions: list[str] = Field(sa_column=Column(JSON, nullable=False))
    mapping: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    newest_lead_at: datetime | None = Field(default=None, sa_type=Moment)
    backfilled_until: datetime | None = Field(default=None, sa_type=Moment)
    center_id: int | None = None
    page_id: str | None = None
    name: str | None = None
    status: str | None = None
    created_at: datetime | None = Field(default=None, sa_type=Moment)
    seen_at: datetime | None = Field(default=None, sa_type=Moment)
    read_at: datetime | None = Field(default=None, sa_type=Moment)
    boxes: dict[str, str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class Page(Table, table=True):
    """A page on Facebook, and the center of leads whose answers and forms name none."""

    id: str = Field(primary_key=True)
    center_id: int | None = None


class Pause(Table, table=True):
    """A pause of some work, for all processes, until a time.

    `held_for` limits the pause: for the Graph API, to the token that caused it. `reason` and
    `details` are as in `Delivery`. `in_a_row` counts the pauses for which no time was named, one
    after the other without a success in between.
    """

    name: str = Field(primary_key=True)
    until: datetime = Field(sa_type=Moment)
    reason: str
    details: str | None = None
    held_for: str = ""
    in_a_row: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class Import(Table, table=True):
    """The import of a spreadsheet, which is planned, committed, and can be undone.

    `mapping` is the field of each column; `totals` is the number of rows with each verdict.
    `statuses` are the texts of the column of statuses, each with our status and its number of rows;
    `doubts` is the number of rows with each warning or doubt, by its code. `layout` says which
    table of the file was read: see `schemas.imports.Layout`.
    `worked_at` is when the last batch of rows was planned or written, which reveals a server that
    died. `held_by` identifies the process that is writing. `problem` says why it failed, as encoded
    by `reasons.Reason.encode`. `based_on` is what a plan was decided on: see `core.imports.basis`.
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
    statuses: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default=text("'[]'"))
    )
    doubts: dict[str, int] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, server_default=text("'{}'"))
    )
    layout: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    based_on: str | None = None


class ImportRow(Table, table=True):
    """A row of an import, with its verdict.

    `data` is a JSON object with the row's fields (see `backend.core.imports`). `cells` has the
    original cells of a rejected row. `lead_id` is the lead the row creates or is added to.
    `reasons` is a JSON list, as encoded by `backend.core.reasons.encode_list`.
    """

    __table_args__ = (_partly("ix_importrow_lead_id", "lead_id", where="lead_id IS NOT NULL"),)

    import_id: int = Field(foreign_key="import.id", primary_key=True)
    number: int = Field(primary_key=True)
    verdict: str
    reasons: str | None = None
    lead_id: int | None = None
    data: str
    cells: str | None = None


class OutboxMessage(Table, table=True):
    """Something to be told, written in the transaction of the change that it tells of.

    `channel` is how it's told and `kind` what: see `backend.core.outbox`. It has ids, codes and
    numbers alone, also in `data`, never what belongs to a person, except that a notice has the
    address of the account that it goes to: see `backend.core.accounts.notices`. The ids aren't
    declared as foreign keys, since a row is added for each lead that comes in, and is of no use
    after some days. `receiver` is what it's sent to, such as a host: when that asks to wait, all
    its messages do. `key` is for what is told once. `reason`, `details`, `claimed_until` and
    `held_by` are as in `Delivery`.
    """

    __table_args__ = (
        _partly("ix_outboxmessage_waiting", "channel", "due_at", where="state = 'waiting'"),
        Index("ix_outboxmessage_key", "key", unique=True, info={"where": "key IS NOT NULL"}),
    )

    id: int | None = Field(default=None, primary_key=True)
    channel: str
    kind: str
    user_id: int | None = None
    lead_id: int | None = None
    delivery_id: int | None = None
    data: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    receiver: str | None = None
    key: str | None = None
    created_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)
    state: str
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    reason: str | None = None
    details: str | None = None
    claimed_until: datetime | None = Field(default=None, sa_type=Moment)
    held_by: str | None = None
    settled_at: datetime | None = Field(default=None, sa_type=Moment)
    closed_by: int | None = None


class Alert(Table, table=True):
    """What a person is told at once, such as that a lead has come in: see `backend.core.alerts`.

    `count` is of how many things it tells, `lead_id` the lead if it's about one. `seen_at` is when
    the person has seen it. The database deletes the row with its lead and with its user.
    """

    __table_args__ = (
        _partly("ix_alert_unseen", "user_id", "id", where="seen_at IS NULL"),
        _partly(
            "ix_alert_unseen_of_many",
            "user_id",
            "kind",
            where="seen_at IS NULL AND lead_id IS NULL",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    kind: str
    at: datetime = Field(sa_type=Moment, index=True)
    lead_id: int | None = Field(default=None, foreign_key="lead.id", ondelete="CASCADE", index=True)
    delivery_id: int | None = None
    count: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    seen_at: datetime | None = Field(default=None, sa_type=Moment)


class PushSubscription(Table, table=True):
    """A browser that shows alerts of a person: where its push service takes them, and its keys.

    `public_key` and `auth` are the browser's, in base64url (RFC 8291). It's of no use once the
    session that it was made in has ended.
    """

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    session_id: int | None = None
    endpoint: str = Field(unique=True, index=True)
    public_key: str
    auth: str
    created_at: datetime = Field(sa_type=Moment)


class AlertPreference(Table, table=True):
    """What a person has chosen of alerts. What is null is as it is for their role."""

    user_id: int = Field(
        foreign_key="user.id",
        primary_key=True,
        ondelete="CASCADE",
        sa_column_kwargs={"autoincrement": False},
    )
    summaries: bool | None = None


class RetentionMark(Table, table=True):
    """How far a job that goes through rows or times has come, and when it last began or ran."""

    name: str = Field(primary_key=True)
    last_id: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    at: datetime = Field(sa_type=Moment)


class BigJob(Table, table=True):
    """A slot held by a large job, until a time (UTC)."""

    id: str = Field(primary_key=True)
    until: datetime = Field(sa_type=Moment)


class Heartbeat(Table, table=True):
    """When a worker was last at work, or a backup last made: see `backend.core.heartbeats`."""

    name: str = Field(primary_key=True)
    kind: str
    at: datetime = Field(sa_type=Moment)


class SchemaState(Table, table=True):
    """The schema's revision, and the oldest one whose servers work with it."""

    revision: str = Field(primary_key=True)
    oldest_server: str


class AuditEvent(Table, table=True):
    """An event of the audit trail, which the database lets no one change or remove.

    `id` counts without gaps. `hash` is computed over this row and `previous_hash`, the hash of the
    row before: see `backend.core.audit.chain`. `user_id` is who did it, null for a stranger and for
    the command line. `subject` and `subject_id` say what it was done to, `data` is a JSON object of
    ids, codes and numbers; `address` is where a person signed in, or failed to.
    """

    __table_args__ = (
        Index("ix_auditevent_at", "at"),
        Index("ix_auditevent_event_id", "event", "id"),
        Index("ix_auditevent_user_id_id", "user_id", "id"),
        Index("ix_auditevent_subject_subject_id", "subject", "subject_id"),
    )

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Moment)
    event: str
    user_id: int | None = None
    subject: str | None = None
    subject_id: int | None = None
    address: str | None = None
    data: str | None = None
    previous_hash: str
    hash: str


class AuditAnchor(Table, table=True):
    """The last event of those that were removed because they were too old, with its hash."""

    event_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str
    at: datetime = Field(sa_type=Moment)


@event.listens_for(Lead, "before_insert")
def _fill_keys(_mapper: object, _connection: Connection, lead: Lead) -> None:
    """Give a lead that a script adds the keys by which it is found again."""
    from backend.core.leads import by_script

    by_script.fill_keys(lead)


@event.listens_for(Lead, "after_insert")
def _add_phones(_mapper: object, connection: Connection, lead: Lead) -> None:
    """Add the further numbers of a lead that a script adds."""
    from backend.core.leads import by_script

    by_script.add_phones(connection, lead)


@event.listens_for(Lead, "before_update")
def _renew_keys(_mapper: object, connection: Connection, lead: Lead) -> None:
    """Renew the keys of a lead whose name, phone or email a script changes."""
    if connection.get_execution_options().get("of_a_script"):
        from backend.core.leads import by_script

        by_script.renew_keys(lead)


@event.listens_for(Lead, "before_delete")
def _remove_rows(_mapper: object, connection: Connection, lead: Lead) -> None:
    """Remove what belongs to a lead that a script deletes."""
    from backend.core.leads import by_script

    assert lead.id is not None
    by_script.remove_rows(connection, lead.id)
