"""What people work by: why a lead was lost, when its trial is, how far it came, and fast lists."""

import sqlalchemy as sa
from alembic import op

from backend.migrations import shape

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
# How far a lead came, by the status that says so.
_REACHED = {
    "called_at": ("Called", "Trial Scheduled", "Joined", "Dead/Not Interested"),
    "trialled_at": ("Trial Scheduled", "Joined"),
    "joined_at": ("Joined",),
    "lost_at": ("Dead/Not Interested",),
}


def upgrade() -> None:
    shape.free("leadsearch", "bulkchange")
    for name in ("lost_reason", "campaign"):
        shape.add("lead", sa.Column(name, sa.String))
    for name in ("trial_at", *_REACHED):
        shape.add("lead", sa.Column(name, TIME))
    shape.add(
        "lead", sa.Column("found", sa.Boolean, nullable=False, server_default=sa.text("false"))
    )
    op.execute(
        "UPDATE lead SET campaign = (SELECT coalesce(campaign_name, campaign_id) FROM leadorigin "
        "WHERE leadorigin.lead_id = lead.id) WHERE id IN (SELECT lead_id FROM leadorigin)"
    )
    _fill_how_far()
    _make_indexes()
    op.create_table(
        "bulkchange",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id"), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.Column("undone", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )
    _make_search()


def _fill_how_far() -> None:
    """Fill the columns from the history, or from the status and the time the lead arrived.

    The first comment counts as a call too, since outcomes were logged with comments.
    """
    to = "json_extract(e.data, '$.to')" if _on_sqlite() else "(e.data::json ->> 'to')"
    for column, statuses in _REACHED.items():
        listed = ", ".join(f"'{status}'" for status in statuses)
        noted = "(SELECT min(c.timestamp) FROM comment c WHERE c.lead_id = lead.id)"
        else_ = f"{noted}, created_time" if column == "called_at" else "created_time"
        op.execute(
            f"UPDATE lead SET {column} = coalesce((SELECT min(e.at) FROM leadevent e "  # noqa: S608
            f"WHERE e.lead_id = lead.id AND e.kind = 'status' AND {to} IN ({listed})), "
            f"{else_}) WHERE status IN ({listed}) OR id IN (SELECT lead_id FROM leadevent e "
            f"WHERE e.kind = 'status' AND {to} IN ({listed}))"
        )


def _make_indexes() -> None:
    # The index over the center alone is a part of the one that takes its place.
    if any(index["name"] == "ix_lead_center_id" for index in shape.indexes("lead")):
        op.drop_index("ix_lead_center_id", "lead")
    op.create_index(
        "ix_lead_center_id_status_created_time", "lead", ["center_id", "status", "created_time"]
    )
    op.create_index("ix_lead_created_time_id", "lead", ["created_time", "id"])
    op.create_index("ix_lead_center_id_created_time", "lead", ["center_id", "created_time"])
    _partial("source", ["source", "created_time"], "source <> 'upload'")
    _partial(
        "player_age_category",
        ["player_age_category", "created_time"],
        "player_age_category IS NOT NULL",
    )
    _partial("campaign", ["campaign", "created_time"], "campaign IS NOT NULL")
    _partial("next_followup_date", ["next_followup_date"], "next_followup_date IS NOT NULL")
    _partial("trial_at", ["trial_at"], "trial_at IS NOT NULL")
    _partial("found", ["id"], "NOT found")
    _partial("is_test", ["status"], "is_test")
    _partial("lost_reason", ["lost_reason", "created_time"], "lost_reason IS NOT NULL")


def _partial(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        f"ix_lead_{name}", "lead", columns, sqlite_where=condition, postgresql_where=condition
    )


def _make_search() -> None:
    if _on_sqlite():
        version = op.get_bind().exec_driver_sql("SELECT sqlite_version()").scalar_one()
        # Before 3.34 it knows no trigrams: there a search reads all texts.
        index = "fts5(text, tokenize = 'trigram')"
        if tuple(map(int, version.split("."))) < (3, 34):
            index = "fts5(text)"
        op.execute(f"CREATE VIRTUAL TABLE leadsearch USING {index}")
        return
    op.create_table(
        "leadsearch",
        sa.Column("lead_id", sa.Integer, primary_key=True),
        sa.Column("grams", sa.ARRAY(sa.Text), nullable=False),
    )
    op.create_index("ix_leadsearch_grams", "leadsearch", ["grams"], postgresql_using="gin")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
