"""How the leads of the call queue are counted."""

import re
from collections import Counter
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, update
from sqlmodel import col

from backend.core import times
from backend.core.access import Person
from backend.core.leads import call_queue
from backend.models import Lead
from backend.schemas.call_queue import NextFilter
from tests.world import GACHIBOWLI, LEAD, MEMBER, TELLAPUR, World

View = Literal["all", "center"]
# Those over all leads of a center or of a time, whatever their status.
_OF_ALL = {
    "ix_lead_created_time_id",
    "ix_lead_center_id_created_time",
    "ix_lead_center_id_name_key",
}


# It has no statistics to choose an index by.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("view", ["all", "center"])
@pytest.mark.parametrize(
    "person",
    [Person(1, LEAD, "team_lead"), Person(2, MEMBER, "team_member", (TELLAPUR, GACHIBOWLI))],
    ids=["team lead", "member"],
)
def test_no_count_reads_all_leads_of_a_center(world: World, person: Person, view: View) -> None:
    counts: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, given: Any, *_others: Any) -> None:
        if "UNION ALL" in sql and "count(*)" in sql:
            counts.append((sql, given))

    event.listen(world.db.engine, "before_cursor_execute", note)
    with world.db.read() as session:
        call_queue.show(session, person, NextFilter(view=view), ZoneInfo("Asia/Kolkata"))
    event.remove(world.db.engine, "before_cursor_execute", note)
    ((sql, given),) = counts
    with world.db.read() as session:
        lines = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)
        used = [re.search(r"lead USING (?:COVERING )?INDEX (\w+)", line[-1]) for line in lines]
    indexes = Counter(one[1] for one in used if one)
    queued = "queued_" if view == "center" else ""
    own = ("unreachable", f"{queued}no_next_step", "handed_over", "call_by")
    assert [indexes[f"ix_lead_{name}"] for name in own] == [1, 1, 1, 1]
    assert indexes.keys().isdisjoint(_OF_ALL)


def test_what_is_full_is_counted_again_after_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(1, LEAD, "team_lead")
    zone = ZoneInfo("Asia/Kolkata")

    def show(view: View = "all") -> tuple[int, int]:
        with world.db.read() as session:
            queue = call_queue.show(session, person, NextFilter(view=view, limit=50), zone)
        return queue["counts"]["new"], sum(one["why"] == "new" for one in queue["leads"])

    def lead(name: str) -> Lead:
        return Lead(created_time=times.now(), player_name=name, status="New", center_id=TELLAPUR)

    with world.db.write() as session:
        session.add_all(map(lead, "ABCDE"))
    new, shown = show()
    assert new == shown
    monkeypatch.setattr(call_queue, "MOST", 3)
    assert show() == (3, shown)
    with world.db.write() as session:
        session.execute(update(Lead).where(col(Lead.status) == "New").values(status="Joined"))
        session.add(lead("F"))
    assert show() == (3, 1)
    # Another queue counts for itself, and what isn't full is counted each time.
    assert show("center") == (1, 1)
    now = times.now()
    monkeypatch.setattr(times, "now", lambda: now + call_queue.FULL_FOR)
    assert show() == (1, 1)
