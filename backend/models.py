"""The tables.

Times are UTC. PostgreSQL keeps them as `timestamptz`; SQLite, which has no such type, as text
without an offset. `table=True` classes do not validate: what comes in passes a schema first.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import text
from sqlmodel import Field, SQLModel


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
    STATUS = "status"
    FOLLOW_UP = "follow_up"
    COMMENT = "comment"


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
    email_key: str = Field(unique=True, index=True)
    disabled: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    token_version: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class Center(SQLModel, table=True):
    """A place where the academy trains; `meta_tag_name` is how forms and spreadsheets name it."""

    id: int | None = Field(default=None, primary_key=True)
    display_name: str
    meta_tag_name: str = Field(unique=True, index=True)
    city: str
    location: str = Field(default="", sa_column_kwargs={"server_default": text("''")})


class UserCenterLink(SQLModel, table=True):
    """The centers whose leads a person sees."""

    user_id: int = Field(foreign_key="user.id", primary_key=True)
    center_id: int = Field(foreign_key="center.id", primary_key=True, index=True)


class Lead(SQLModel, table=True):
    """A child whom the academy may win; `leadgen_id` is Meta's id where the lead came from Meta."""

    id: int | None = Field(default=None, primary_key=True)
    created_time: datetime
    player_name: str | None = None
    player_age_category: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    status: str = Field(default=Status.NEW)
    next_followup_date: datetime | None = None
    center_id: int | None = Field(default=None, foreign_key="center.id", index=True)
    leadgen_id: str | None = Field(default=None, unique=True, index=True)


class Comment(SQLModel, table=True):
    """What a person noted on a lead."""

    id: int | None = Field(default=None, primary_key=True)
    text: str
    timestamp: datetime
    user_id: int | None = Field(default=None, foreign_key="user.id")
    lead_id: int | None = Field(default=None, foreign_key="lead.id", index=True)


class LeadEvent(SQLModel, table=True):
    """A line of a lead's history, written in the transaction of the change that it tells.

    `lead_id` and `user_id` are not declared as foreign keys: PostgreSQL would look each up anew for
    every line, which costs an import as much as the leads themselves.

    `user_id` is null where no person made the change. `data` is a JSON object: `{"from", "to"}`
    for a status or a follow-up, `{"comment_id"}` for a comment, `{"source"}` for a creation.
    """

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(index=True)
    at: datetime
    user_id: int | None = None
    kind: str
    data: str


class Attempt(SQLModel, table=True):
    """How often something that is limited was tried within one window.

    It is a table and not a cache, so that every process of an installation counts together.
    `expires_at` is in seconds since the epoch, UTC.
    """

    key: str = Field(primary_key=True)
    count: int
    expires_at: float = Field(index=True)
