"""Whatever happens to deliveries, in whatever order: none is lost, and none makes two leads.

A model of nothing but what was acknowledged is held against the database, after each of many random
steps: deliveries come, workers work, die and come too late, Meta fails, people replay, discard and
explain.
"""

import itertools
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, func, select, text
from sqlmodel import SQLModel, col

from backend.core import times
from backend.core.access import Person
from backend.core.errors import Conflict
from backend.core.intake import (
    center_aliases,
    deliveries,
    field_mapping,
    processing,
    webhook,
    webhook_access,
)
from backend.core.intake.meta.graph_errors import GraphError
from backend.core.intake.outcomes import Claimed
from backend.core.leads import adding, matching
from backend.core.rate_limits import Throttle
from backend.models import Delivery, DeliveryState, Lead, LeadEvent
from tests.core.intake.arrivals import all_deliveries, flat, leads, notify, with_token
from tests.told import FORM, FakeGraph, graph_error, lead
from tests.world import TELLAPUR, World

BY = Person(1, "lead@tofa.example", "team_lead")
IDS = st.sampled_from([str(id) for id in range(11, 17)])
CENTERS = st.sampled_from(["TOFA Tellapur", "Mars", "mars ", "Venus"])
KINDS = st.sampled_from(["upstream", "missing", "permission", "throttled", "token_expired"])
NUMBERS = st.integers(0, 50)
# Each lead of Meta's has a center of its own choice, and its own phone and name.
CENTER_OF = dict(zip([str(id) for id in range(11, 17)], itertools.cycle(["TOFA Tellapur", "Mars"])))

TABLES = (
    "notduplicate", "leadorigin", "leadevent", "delivery", "centeralias", "form", "pause", "lead",
)  # fmt: skip


class Deliveries(RuleBasedStateMachine):
    """The life of deliveries; `world` and `clock` are set by the test."""

    world: ClassVar[World]
    clock: ClassVar[list[datetime]]
    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.settings = with_token(self.world)
        # What was acknowledged: the bodies, by the ids of their deliveries.
        self.kept: dict[int, str] = {}
        self.announced: dict[int, set[str]] = {}
        # How many lines of history an export has brought.
        self.imported = 0
        with self.world.db.write() as session:
            for name in TABLES:
                table = SQLModel.metadata.tables[name]
                session.execute(delete(table))

    def remember(self, id: int) -> None:
        with self.world.db.read() as session:
            self.kept[id] = session.get_one(Delivery, id).body

    @rule(ids=st.lists(IDS, min_size=1, max_size=4))
    def meta_notifies(self, ids: list[str]) -> None:
        id = notify(self.world.db, *ids)
        self.announced[id] = set(ids)
        self.remember(id)

    @rule(phone=st.integers(1, 3), center=CENTERS)
    def a_form_comes(self, phone: int, center: str) -> None:
        self.remember(flat(self.world.db, phone_number=f"984800000{phone}", nearest_center=center))

    @rule(phone=st.integers(1, 3), center=CENTERS)
    def a_form_is_answered(self, phone: int, center: str) -> None:
        said = {"phone_number": f"984800000{phone}", "nearest_center": center}
        token = webhook_access.token(self.settings)
        delivery = webhook.Posted(orjson.dumps(said), {}, token, "192.0.2.1")
        throttle = Throttle(self.world.db)
        answer = webhook.receive(self.world.db, self.settings, throttle, delivery)
        newest = all_deliveries(self.world.db)[-1]
        self.kept[newest.id or 0] = delivery.body.decode()
        if answer["status"] == "success":
            assert (newest.state, newest.lead_id) == ("processed", dict(answer)["lead_id"])
        else:
            assert (newest.state, newest.reason) == ("waiting", "unknown_center")

    @rule(id=IDS)
    def a_backfill_finds(self, id: str) -> None:
        fetched = orjson.dumps(lead(id, center=CENTER_OF[id])).decode()
        row = {"source": "backfill", "body": "{}", "leadgen_id": id, "form_id": FORM}
        with self.world.db.write() as session:
            deliveries.announce(session, [row | {"fetched": fetched}])

    @rule(id=IDS)
    def an_export_brings(self, id: str) -> None:
        told = field_mapping.map_answers(
            field_mapping.read_field_data(lead(id)["field_data"]), {}
        ).fields
        candidate = matching.Candidate(
            created_time=times.now(),
            center_id=TELLAPUR,
            source="upload",
            player_name=told["player_name"],
            phone=told["phone"],
            leadgen_id=id,
        )
        with self.world.db.write() as session:
            placed = adding.add(session, candidate, "IN")
        self.imported += placed.verdict is not matching.Verdict.KNOWN

    def graph(self, errors: dict[str, GraphError] | None = None) -> FakeGraph:
        told = {id: lead(id, center=center) for id, center in CENTER_OF.items()}
        return FakeGraph(told, errors or {})

    @rule(limit=st.integers(1, 5), failing=st.dictionaries(IDS, KINDS, max_size=3))
    def a_worker_works(self, limit: int, failing: dict[str, str]) -> None:
        errors = {id: graph_error(kind) for id, kind in failing.items()}
        processing.run_once(self.world.db, self.settings, self.graph(errors), limit, at_once=1)

    @rule(target=held, limit=st.integers(1, 4))
    def a_worker_claims(self, limit: int) -> Any:
        holder = secrets.token_hex(4)
        with self.world.db.write() as session:
            claimed = processing.claim(session, holder, limit, fetching=True)
        return multiple(*((holder, one) for one in claimed))

    @rule(taken=consumes(held))
    def a_worker_settles_perhaps_too_late(self, taken: tuple[str, Claimed]) -> None:
        self.settle(*taken)

    def settle(self, holder: str, one: Claimed) -> None:
        answer = self.graph().lead(one.leadgen_id or "") if one.to_fetch else None
        processing.settle(self.world.db, self.settings, holder, one, answer)

    @rule()
    def a_worker_is_too_late_with_all(self) -> None:
        with self.world.db.write() as session:
            claimed = processing.claim(session, "late", 10, fetching=True)
        self.clock[0] += processing.CLAIM + timedelta(seconds=1)
        processing.run_once(self.world.db, self.settings, self.graph(), at_once=1)
        for one in claimed:
            self.settle("late", one)

    @rule(seconds=st.sampled_from([1, 60, 100, 3600, 8 * 3600]))
    def time_passes(self, seconds: int) -> None:
        self.clock[0] += timedelta(seconds=seconds)

    def any_of(self, number: int) -> int | None:
        found = all_deliveries(self.world.db)
        return found[number % len(found)].id if found else None

    @rule(number=NUMBERS, every=st.booleans())
    def someone_replays(self, number: int, every: bool) -> None:
        if id := self.any_of(number):
            try:
                with self.world.db.write() as session:
                    assert deliveries.retry(session, id, all_of_reason=every) >= 1
            except Conflict:
                with self.world.db.read() as session:
                    assert session.get_one(Delivery, id).state not in deliveries.OPEN

    @rule(number=NUMBERS)
    def someone_discards(self, number: int) -> None:
        if id := self.any_of(number):
            try:
                with self.world.db.write() as session:
                    deliveries.dismiss(session, BY, id, "No")
            except Conflict:
                pass

    @rule(name=st.sampled_from(["MARS", "venus"]))
    def someone_says_which_center(self, name: str) -> None:
        with self.world.db.write() as session:
            center_aliases.add(session, BY, name, TELLAPUR)

    @invariant()
    def all_is_well(self) -> None:
        """Check both of what follows, with one reading of the deliveries."""
        found = all_deliveries(self.world.db)
        self.nothing_acknowledged_is_lost(found)
        self.each_makes_one_lead_or_joins_one(found)

    def nothing_acknowledged_is_lost(self, all_of_them: list[Delivery]) -> None:
        found = {one.id or 0: one for one in all_of_them}
        assert {id: found[id].body for id in self.kept} == self.kept
        by_leadgen = {one.leadgen_id for one in found.values()}
        for one in found.values():
            if one.state in (DeliveryState.RECEIVED, DeliveryState.RETRYING):
                assert one.due_at is not None, "no worker would come to it"
            if one.id in self.announced and one.state == DeliveryState.PROCESSED:
                assert self.announced[one.id] <= by_leadgen
            elif one.state == DeliveryState.PROCESSED:
                assert one.lead_id is not None

    def each_makes_one_lead_or_joins_one(self, found: list[Delivery]) -> None:
        done = [one for one in found if one.state == DeliveryState.PROCESSED]
        placed = [one for one in done if one.lead_id is not None]
        assert len({one.leadgen_id for one in placed if one.leadgen_id}) == sum(
            one.leadgen_id is not None for one in placed
        )
        with self.world.db.read() as session:
            lines = session.scalar(
                select(func.count()).where(col(LeadEvent.kind).in_(("created", "repeat_enquiry")))
            )
            phones = session.scalars(select(col(Lead.phone_key))).all()
            of_meta = session.scalars(
                select(func.count())
                .select_from(LeadEvent)
                .join(Lead, col(Lead.id) == col(LeadEvent.lead_id))
                .where(col(Lead.leadgen_id).is_not(None))
                .group_by(col(Lead.id))
            ).all()
        known = sum(one.reason == "known" for one in placed)
        assert lines == len(placed) - known + self.imported
        # The same id of Meta's, in whatever ways it came: no line of history but the first.
        assert set(of_meta) <= {1}
        # Every child here has its own phone: two leads of one would be two of one child.
        assert len(set(phones)) == len(phones)

    def teardown(self) -> None:
        """In the end, with Meta well and all explained, everything has become what it can."""
        self.clock[0] += timedelta(days=1)
        for name in ("mars", "venus"):
            self.someone_says_which_center(name)
        with self.world.db.write() as session:
            deliveries.reopen(session)
        while processing.run_once(self.world.db, self.settings, self.graph(), at_once=1):
            pass
        found = all_deliveries(self.world.db)
        assert {one.state for one in found} <= {"processed", "dismissed"}
        self.nothing_acknowledged_is_lost(found)
        self.each_makes_one_lead_or_joins_one(found)
        discarded = {one.leadgen_id for one in found if one.state == "dismissed"}
        told = set().union(*(self.announced[id] for id in self.announced if self.done(found, id)))
        assert told - discarded <= {one.leadgen_id for one in leads(self.world.db, after=0)}

    @staticmethod
    def done(found: list[Delivery], id: int) -> bool:
        return any(one.id == id and one.state == "processed" for one in found)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    now = [datetime(2026, 11, 2, 4, 30, tzinfo=UTC)]
    monkeypatch.setattr(times, "now", lambda: now[0])
    return now


@pytest.mark.slow
def test_whatever_happens(world: World, clock: list[datetime], database: str) -> None:
    class Here(Deliveries):
        pass

    Here.world, Here.clock = world, clock
    if database == "postgresql":
        # They are taken back by each run, and the disk need not hear of it.
        with world.db.write() as session:
            name = world.db.url.database
            session.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
        world.db.close()
    # What becomes of a delivery is decided in Python. On PostgreSQL the statements differ, and few
    # runs have them all.
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=100 if database == "sqlite" else 20,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
