"""Indexes for lists by name, by the last call of open leads, and of repeat enquiries."""

from backend.migrations import shape

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# Whether servers of the version before go on working after this migration.
ADDITIVE = True


def upgrade() -> None:
    shape.index_over("lead", "center_id_name_key", ["center_id", "name_key"])
    is_open = "status <> 'Joined' AND status <> 'Dead/Not Interested'"
    last = f"last_attempt_at IS NOT NULL AND {is_open}"
    shape.index_over("lead", "open_last_attempt_at", ["last_attempt_at"], last)
    shape.index_over("leadevent", "repeat", ["lead_id"], "kind = 'repeat_enquiry'")
