"""A call that is sent again counts once, and nothing that it says is lost in silence."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlmodel import col

from backend.core.errors import Conflict
from backend.models import Comment
from tests.core.leads.test_attempts import call, lead_of, take_back
from tests.core.leads.test_no_lead_out_of_sight import ZONE
from tests.world import AHEAD, World

KEY = "a-key-of-mine"
SAID: dict[str, Any] = {
    "outcome": "spoke",
    "client_key": KEY,
    "comment": "Wants mornings",
    "status": "Dead/Not Interested",
    "lost_reason": "Other",
    "lost_reason_text": " Moved away ",
}


def texts(world: World) -> list[str]:
    with world.db.read() as session:
        return list(session.scalars(select(col(Comment.text))))


@pytest.mark.parametrize(
    "more",
    [
        {"outcome": "no_answer"}, {"comment": "Wants mornings, from May"}, {"status": "Joined"},
        {"lost_reason_text": "Moved to Pune"}, {"trial_outcome": "attended"}, {"trial_at": AHEAD},
        {"next_followup_date": AHEAD},
    ],
)  # fmt: skip
def test_what_was_not_saved_is_refused(world: World, more: dict[str, Any]) -> None:
    first = call(world, **SAID)
    assert call(world, **SAID)["id"] == first["id"]
    before = lead_of(world)
    with pytest.raises(Conflict, match="already recorded"):
        call(world, **{**SAID, **more})
    assert lead_of(world) == before
    assert texts(world) == ["Wants mornings"]
    # Nor is it after an undo, which keeps the comment.
    take_back(world, first)
    assert call(world, **SAID)["id"] == first["id"]
    assert lead_of(world).attempts == 0


def test_a_time_is_the_same_in_every_zone(world: World) -> None:
    said: dict[str, Any] = {"outcome": "call_back", "client_key": KEY, "next_followup_date": AHEAD}
    first = call(world, **said)
    here = datetime.fromisoformat(AHEAD).replace(tzinfo=ZONE)
    said["next_followup_date"] = here.astimezone(UTC).isoformat()
    assert call(world, **said)["id"] == first["id"]


def test_a_comment_that_was_removed_is_not_missed(world: World) -> None:
    first = call(world, **SAID)
    with world.db.write() as session:
        session.execute(delete(Comment))
    assert call(world, **SAID)["id"] == first["id"]
    assert texts(world) == []
