"""Times in UTC with an offset, one account an email whatever its case, and a lead's history.

An installation kept the times of a lead as the clock on its wall showed them, in the zone of the
settings, and those of a comment in UTC.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import context, op

from backend.migrations import shape

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Whether each text may be null.
TEXTS = {
    "user": {"email": False, "hashed_password": False, "full_name": False, "role": False},
    "center": {"display_name": False, "meta_tag_name": False, "city": False, "location": False},
    "lead": {
        "player_name": True,
        "player_age_category": True,
        "phone": True,
        "email": True,
        "address": True,
        "status": False,
    },
    "comment": {"text": False},
}
TIMES = {
    "lead": {"created_time": False, "next_followup_date": True},
    "comment": {"timestamp": False},
}
KEYS = {"lead": {"center_id": True}, "comment": {"user_id": True, "lead_id": True}}
# What stands in for a null where there may be none; an email or a tag, nothing can stand in for.
STAND_INS = {
    "user": {"hashed_password": "", "full_name": "", "role": ""},
    "center": {"display_name": "", "city": "", "location": ""},
    "lead": {"status": "New"},
    "comment": {"text": ""},
}
# What older imports wrote where a spreadsheet's cell was blank.
BLANK_EMAILS = ("", "NaN", "nan")


def upgrade() -> None:
    zone: ZoneInfo = context.config.attributes["zone"]
    shape.free("leadevent", "attempt")
    shape.require({"usercenterlink": ["user_id", "center_id"]})
    for table, texts in TEXTS.items():
        times, keys = TIMES.get(table, {}), KEYS.get(table, {})
        shape.require({table: ["id", *texts, *times, *keys]})
        shape.to_text(table, texts)
        shape.to_utc(table, {name: zone if table == "lead" else ZoneInfo("UTC") for name in times})
        moments = {name: datetime.now(UTC) for name, nullable in times.items() if not nullable}
        shape.fill(table, {**STAND_INS[table], **moments})
        shape.set_nullable(table, {**texts, **times, **keys})
    _change_user()
    _change_center()
    _change_lead()
    shape.index("comment", "lead_id")
    shape.index("usercenterlink", "center_id")
    _make_leadevent()
    _make_attempt()
    for table in TEXTS:
        shape.continue_ids(table)


def _change_user() -> None:
    # SQLite adds no column without a value for the rows that are there.
    stand_in = sa.text("''") if op.get_bind().dialect.name == "sqlite" else None
    email_key = sa.Column(
        "email_key", sa.String, nullable=stand_in is None, server_default=stand_in
    )
    op.add_column("user", email_key)
    op.add_column(
        "user", sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.text("false"))
    )
    op.add_column(
        "user", sa.Column("token_version", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
    _fill_email_keys()
    shape.set_nullable("user", {"email_key": False})
    shape.index("user", "email_key", unique=True)
    shape.index("user", "email", unique=True)


def _fill_email_keys() -> None:
    connection = op.get_bind()
    user = sa.table("user", sa.column("id"), sa.column("email"), sa.column("email_key"))
    people = connection.execute(sa.select(user.c.id, user.c.email).order_by(user.c.id)).all()
    taken: set[str] = set()
    for id, email in people:
        key = email.strip().casefold()
        while key in taken:
            key += f" #{id}"
        taken.add(key)
        connection.execute(user.update().where(user.c.id == id).values(email_key=key))


def _change_center() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("center", "location", server_default=sa.text("''"))
    shape.index("center", "meta_tag_name", unique=True)


def _change_lead() -> None:
    lead = sa.table("lead", sa.column("email", sa.String))
    op.execute(lead.update().where(lead.c.email.in_(BLANK_EMAILS)).values(email=None))
    op.add_column("lead", sa.Column("leadgen_id", sa.String))
    shape.index("lead", "center_id")
    shape.index("lead", "leadgen_id", unique=True)


def _make_leadevent() -> None:
    op.create_table(
        "leadevent",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("data", sa.String, nullable=False),
    )
    shape.index("leadevent", "lead_id")


def _make_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
    )
    shape.index("attempt", "expires_at")
