"""Deliveries from outside, imports that can be planned, and the keys that match leads."""

import sqlalchemy as sa
from alembic import context, op

from backend.migrations import match_keys, shape

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BATCH = 5000
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    shape.free(
        "centeralias", "leadorigin", "notduplicate", "capture", "form", "pause", "import",
        "importrow",
    )  # fmt: skip
    _change_lead()
    _make_leadorigin()
    _make_notduplicate()
    _make_centeralias()
    _make_import()
    _make_capture()
    op.create_table(
        "form",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("questions", sa.JSON, nullable=False),
        sa.Column("mapping", sa.JSON, nullable=False),
        sa.Column("newest_lead_at", TIME),
        sa.Column("backfilled_until", TIME),
    )
    op.create_table(
        "pause",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("until", TIME, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("held_for", sa.String, nullable=False),
    )


def _make_leadorigin() -> None:
    op.create_table(
        "leadorigin",
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), primary_key=True),
        *(
            sa.Column(name, sa.String)
            for name in (
                "platform", "form_id", "form_name", "ad_id", "ad_name", "adset_id", "adset_name",
                "campaign_id", "campaign_name",
            )
        ),
        sa.Column("is_organic", sa.Boolean),
        sa.Column("answers", sa.JSON, nullable=False),
    )  # fmt: skip
    shape.index("leadorigin", "form_id")


def _make_notduplicate() -> None:
    op.create_table(
        "notduplicate",
        sa.Column("first_id", sa.Integer, sa.ForeignKey("lead.id"), primary_key=True),
        sa.Column("second_id", sa.Integer, sa.ForeignKey("lead.id"), primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id")),
        sa.Column("at", TIME, nullable=False),
    )
    shape.index("notduplicate", "second_id")


def _make_centeralias() -> None:
    op.create_table(
        "centeralias",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("center_id", sa.Integer, sa.ForeignKey("center.id"), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.Integer, sa.ForeignKey("user.id")),
    )
    shape.index("centeralias", "center_id")


def _change_lead() -> None:
    shape.add("lead", sa.Column("source", sa.String))
    shape.add(
        "lead", sa.Column("is_test", sa.Boolean, nullable=False, server_default=sa.text("false"))
    )
    shape.add("lead", sa.Column("phone_key", sa.String))
    shape.add(
        "lead", sa.Column("name_key", sa.String, nullable=False, server_default=sa.text("''"))
    )
    shape.add("lead", sa.Column("email_key", sa.String))
    _fill_keys()
    shape.index("lead", "phone_key")
    shape.index("lead", "email_key")


def _fill_keys() -> None:
    region: str = context.config.attributes["phone_region"]
    connection = op.get_bind()
    lead = sa.table(
        "lead",
        *(
            sa.column(name)
            for name in (
                "id", "phone", "player_name", "email", "phone_key", "name_key", "email_key",
            )
        ),
    )  # fmt: skip
    read = sa.select(lead.c.id, lead.c.phone, lead.c.player_name, lead.c.email)
    write = (
        lead.update()
        .where(lead.c.id == sa.bindparam("at"))
        .values(
            # Named otherwise than the columns, whose names are taken in an update.
            phone_key=sa.bindparam("of_phone"),
            name_key=sa.bindparam("of_name"),
            email_key=sa.bindparam("of_email"),
        )
    )
    last = 0
    while batch := connection.execute(
        read.where(lead.c.id > last).order_by(lead.c.id).limit(_BATCH)
    ).all():
        connection.execute(
            write,
            [
                {
                    "at": id,
                    "of_phone": match_keys.phone_key(phone, region),
                    "of_name": match_keys.name_key(name),
                    "of_email": match_keys.email_key(email),
                }
                for id, phone, name, email in batch
            ],
        )
        last = batch[-1].id


def _make_capture() -> None:
    op.create_table(
        "capture",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("capture.id")),
        sa.Column("leadgen_id", sa.String),
        sa.Column("form_id", sa.String),
        sa.Column("fetched", sa.String),
        sa.Column("center_text", sa.String),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id")),
        sa.Column("reason", sa.String),
        sa.Column("note", sa.String),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("due_at", TIME),
        sa.Column("claimed_until", TIME),
        sa.Column("held_by", sa.String),
        sa.Column("closed_by", sa.Integer, sa.ForeignKey("user.id")),
        sa.Column("import_id", sa.Integer, sa.ForeignKey("import.id")),
    )
    for name in ("parent_id", "form_id", "lead_id", "import_id"):
        _partial(name, [name], f"{name} IS NOT NULL")
    _partial("state_due_at", ["state", "due_at"], "due_at IS NOT NULL")
    shape.index("capture", "leadgen_id", unique=True)
    op.create_index("ix_capture_state_id", "capture", ["state", "id"])


def _partial(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        f"ix_capture_{name}",
        "capture",
        columns,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _make_import() -> None:
    op.create_table(
        "import",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("filename", sa.String, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.Integer, sa.ForeignKey("user.id")),
        sa.Column("columns", sa.JSON, nullable=False),
        sa.Column("mapping", sa.JSON, nullable=False),
        sa.Column("totals", sa.JSON, nullable=False),
        sa.Column("rows_done", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("rows_total", sa.Integer),
        sa.Column("worked_at", TIME),
        sa.Column("note", sa.String),
    )
    op.create_table(
        "importrow",
        sa.Column("import_id", sa.Integer, sa.ForeignKey("import.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("lead_id", sa.Integer),
        sa.Column("data", sa.String, nullable=False),
        sa.Column("cells", sa.String),
    )
    op.add_column("leadevent", sa.Column("import_id", sa.Integer))
    shape.index("leadevent", "import_id")
