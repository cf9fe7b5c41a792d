"""How the call queue is counted on SQLite, which has no statistics to choose an index by."""

import re
from collections import Counter
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from backend.core.access import Person
from backend.core.leads import call_queue
from backend.schemas.call_queue import NextFilter
from tests.world import GACHIBOWLI, LEAD, MEMBER, TELLAPUR, World

View = Literal["all", "center"]
# Those over all leads of a center or of a time, whatever their status.
_OF_ALL = {
    "ix_lead_created_time_id",
    "ix_lead_center_id_created_time",
    "ix_lead_center_id_name_key",
}


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
