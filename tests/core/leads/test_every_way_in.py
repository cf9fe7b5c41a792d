"""The same enquiries give the same leads, whichever way each comes in, and in whatever order."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlmodel import SQLModel, col

from backend.core.access import Person
from backend.core.centers import CENTER_COLUMN
from backend.core.database import bulk_insert
from backend.core.db import Database
from backend.core.imports import commit, plan, upload
from backend.core.intake import webhook
from backend.core.intake.meta import backfill
from backend.core.leads import editing, match_keys
from backend.core.rate_limits import Throttle
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState, EventKind, Form, Lead, LeadEvent
from backend.schemas.leads import NewLead
from tests import graph_host
from tests.core.intake.arrivals import notify, work_off
from tests.graph_host import GraphHost
from tests.told import FakeGraph
from tests.world import EPOCH, LEAD, TELLAPUR, World, settings_for

LEADER = Person(1, LEAD, "team_lead")
OF_THE_ACADEMY = 2
HEADER = f"created_time,player_name,phone,email,{CENTER_COLUMN},id"
TIMES = [datetime(2026, 11, 20, 9, minute, tzinfo=UTC) for minute in range(3)]


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What a parent says, and what Meta adds to it."""

    name: str | None
    phone: str | None
    email: str | None
    at: datetime
    leadgen_id: str = ""

    @property
    def is_test(self) -> bool:
        return (self.name or "").startswith("<test lead:")

    @property
    def lead(self) -> tuple[str, str]:
        """What tells its lead from all others: the household and the name."""
        phone = match_keys.phone_key(self.phone, "IN")
        email = match_keys.email_key(self.email)
        household = match_keys.household(phone, email, self.phone, self.is_test)
        return household, match_keys.name_key(self.name)

    def answers(self) -> dict[str, str]:
        said = {"full_name": self.name, "phone_number": self.phone, "email": self.email}
        return {name: value for name, value in said.items() if value is not None}

    def graph(self) -> dict[str, Any]:
        """The lead as Meta tells it."""
        said = {**self.answers(), "nearest_center": "TOFA Tellapur"}
        return {
            **graph_host.make_lead(0),
            "id": self.leadgen_id,
            "created_time": self.at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "field_data": [{"name": name, "values": [value]} for name, value in said.items()],
        }

    def cells(self, *, with_time: bool, with_id: bool) -> str:
        """The row of a spreadsheet."""
        time = self.at.isoformat() if with_time else ""
        id = f"l:{self.leadgen_id}" if with_id else ""
        said = (self.name or "", self.phone or "", self.email or "")
        return ",".join((time, *said, "TOFA Tellapur", id))


class Ways:
    """The ways into one academy. Each tells which enquiries it times itself, by their number."""

    def __init__(self, world: World, host: GraphHost) -> None:
        self.db: Database = world.db
        self.settings: Settings = settings_for(
            world.settings.database_url, meta_access_token="token", meta_graph_url=host.url
        )
        self.host = host
        self.throttle = Throttle(world.db)

    @classmethod
    def named(cls) -> dict[str, Callable[[Self, Sequence[Enquiry]], None]]:
        return {
            "webhook": cls.webhook,
            "manual": cls.manual,
            "meta": cls.meta,
            "backfill": cls.backfill,
            "import": cls.plan_and_commit,
            "export of Meta's": cls.upload,
            "upload": cls.upload_without_ids,
            "upload without times": cls.upload_without_times,
        }

    def webhook(self, enquiries: Sequence[Enquiry]) -> None:
        for one in enquiries:
            said = {**one.answers(), "nearest_center": "TOFA Tellapur"}
            said["email_address"] = said.pop("email", "")
            posted = webhook.Posted(orjson.dumps(said), {}, None, "192.0.2.1")
            answer = webhook.receive(self.db, self.settings, self.throttle, posted)
            assert answer["status"] == "success"

    def manual(self, enquiries: Sequence[Enquiry]) -> None:
        for one in enquiries:
            new = NewLead(
                player_name=one.name or "", phone=one.phone, email=one.email, center_id=TELLAPUR
            )
            with self.db.write() as session:
                editing.create(session, LEADER, new, "IN")

    def meta(self, enquiries: Sequence[Enquiry]) -> None:
        graph = FakeGraph({one.leadgen_id: one.graph() for one in enquiries})
        notify(self.db, *graph.leads)
        work_off(self.db, self.settings, graph)

    def backfill(self, enquiries: Sequence[Enquiry]) -> None:
        self.host.forms[graph_host.FORM] = [one.graph() for one in enquiries]
        report = backfill.run(self.db, self.settings, since=EPOCH, form_id=graph_host.FORM)
        assert (report.stopped, report.forms[0].problem) == (None, None)
        work_off(self.db, self.settings)

    def plan_and_commit(self, enquiries: Sequence[Enquiry]) -> None:
        content = self._sheet(enquiries, with_time=True, with_id=True)
        made = plan.make(self.db, self.settings, LEADER, "leads.csv", content)
        commit.commit(self.db, self.settings, LEADER, made["id"])

    def upload(
        self, enquiries: Sequence[Enquiry], *, with_time: bool = True, with_id: bool = True
    ) -> None:
        content = self._sheet(enquiries, with_time=with_time, with_id=with_id)
        answer = upload.upload(self.db, self.settings, LEADER, "leads.csv", content)
        assert answer["status"] == "success"

    def upload_without_ids(self, enquiries: Sequence[Enquiry]) -> None:
        self.upload(enquiries, with_id=False)

    def upload_without_times(self, enquiries: Sequence[Enquiry]) -> None:
        self.upload(enquiries, with_time=False, with_id=False)

    @staticmethod
    def _sheet(enquiries: Sequence[Enquiry], *, with_time: bool, with_id: bool) -> bytes:
        rows = [one.cells(with_time=with_time, with_id=with_id) for one in enquiries]
        return "\n".join((HEADER, *rows)).encode()


# Each of their enquiries is one of its own: the server gives it its time.
TIMED_HERE = frozenset({"webhook", "manual", "upload without times"})

Arrivals = list[tuple[str, list[Enquiry]]]


def possible(way: str, one: Enquiry) -> bool:
    """Whether a way takes an enquiry: the form needs a phone, a person types a name and no test."""
    if way == "webhook":
        return one.phone is not None
    return way != "manual" or not (one.name is None or one.is_test)


enquiries = st.builds(
    Enquiry,
    name=st.sampled_from(["Zoë Khan", "zoe  KHAN", "Arjun", None, "<test lead: x>"]),
    phone=st.sampled_from(
        [None, "9848022338", "+91 98480-22338", "098480 00001", "ask at the office"]
    ),
    email=st.sampled_from([None, "a@x.example", "A@X.example"]),
    at=st.sampled_from(TIMES),
).filter(lambda one: one.phone is not None or one.email is not None)


@st.composite
def arrivals(draw: st.DrawFn) -> Arrivals:
    """Some enquiries, each once or more often, dealt to the ways in some order."""
    drawn = draw(st.lists(enquiries, min_size=1, max_size=5, unique=True))
    ids = itertools.count(10**15)
    told = [replace(one, leadgen_id=str(next(ids))) for one in drawn]
    ways = st.sampled_from(sorted(Ways.named()))
    dealt = st.tuples(ways, st.lists(st.sampled_from(told), min_size=1, max_size=4))
    found: Arrivals = []
    for way, ones in draw(st.lists(dealt, min_size=2, max_size=6)):
        found.append((way, [one for one in ones if possible(way, one)]))
        found.append(("upload", [one for one in ones if not possible(way, one)]))
    return [(way, ones) for way, ones in found if ones]


def expected(arrived: Arrivals) -> Counter[tuple[str, str, int]]:
    """The household and the name of each lead, and how often it was asked for.

    An enquiry is known by its time, whatever way it comes in and however often.
    """
    moments: dict[tuple[str, str], set[object]] = {("+919848000001", "zoe khan"): {EPOCH}}
    for way, ones in arrived:
        for one in ones:
            moment = object() if way in TIMED_HERE else one.at
            moments.setdefault(one.lead, set()).add(moment)
    return Counter((*lead, len(of_lead)) for lead, of_lead in moments.items())


def found(world: World) -> Counter[tuple[str, str, int]]:
    repeats = (
        select(func.count())
        .where(
            col(LeadEvent.lead_id) == col(Lead.id),
            col(LeadEvent.kind) == EventKind.REPEAT_ENQUIRY,
        )
        .scalar_subquery()
    )
    query = select(
        col(Lead.phone_key), col(Lead.email_key), col(Lead.phone), col(Lead.is_test),
        col(Lead.name_key), repeats,
    ).where(col(Lead.id) != OF_THE_ACADEMY)  # fmt: skip
    with world.db.read() as session:
        leads = session.connection().execute(query).all()
    return Counter(
        (match_keys.household(phone, email, text, is_test), name, 1 + repeated)
        for phone, email, text, is_test, name, repeated in leads
    )


def begin_again(world: World) -> None:
    """Leave only what the academy has before any test."""
    kept = {"lead", "user", "center", "usercenterlink"}
    with world.db.write() as session:
        for table in reversed(SQLModel.metadata.sorted_tables):
            if table.name not in kept:
                session.connection().execute(table.delete())
        session.connection().execute(delete(Lead).where(col(Lead.id) > OF_THE_ACADEMY))
        session.add(Form(id=graph_host.FORM, questions=[], mapping={}))


@pytest.fixture(scope="module")
def host() -> Iterator[GraphHost]:
    with GraphHost() as started:
        yield started


@given(arrived=arrivals())
@settings(max_examples=30)
@pytest.mark.slow
def test_every_way_in_gives_the_same_leads(
    world: World, host: GraphHost, arrived: Arrivals
) -> None:
    begin_again(world)
    ways = Ways(world, host)
    for way, ones in arrived:
        Ways.named()[way](ways, ones)
    assert found(world) == expected(arrived)
    with world.db.read() as session:
        unfinished = col(Delivery.state) != DeliveryState.PROCESSED
        assert session.scalar(select(func.count()).where(unfinished)) == 0


@pytest.mark.parametrize("way", sorted(Ways.named()))
def test_each_way_meets_what_an_upload_has_brought(world: World, host: GraphHost, way: str) -> None:
    """A phone, an email alone, a text alone: each the same name, another one, another time."""
    first = [
        Enquiry("Zoya", "9848022338", None, TIMES[0], "1"),
        Enquiry("Zoya", None, "a@x.example", TIMES[0], "2"),
        Enquiry("Zoya", "ask at the office", None, TIMES[0], "3"),
    ]
    others = [replace(one, name="Tara", leadgen_id=f"1{one.leadgen_id}") for one in first]
    later = TIMES[0] + timedelta(minutes=1)
    again = [replace(one, at=later, leadgen_id=f"2{one.leadgen_id}") for one in first]
    begin_again(world)
    ways = Ways(world, host)
    ways.upload_without_ids(first)
    arrived = [("upload", first)]
    then = [one for one in (*first, *others, *again) if possible(way, one)]
    Ways.named()[way](ways, then)
    arrived.append((way, then))
    assert found(world) == expected(arrived)


def test_the_batches_of_an_import_do_not_matter(
    world: World, host: GraphHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_insert.batches, "__defaults__", (2,))
    ways = Ways(world, host)
    rows = [
        Enquiry(name, phone, email, at, str(number))
        for number, (name, phone, email, at) in enumerate(
            itertools.product(
                ("Zoya", None), ("9848022338", "none", None), ("a@x.example", None), TIMES[:2]
            ),
            1,
        )
        if phone or email
    ]
    ways.plan_and_commit(rows)
    ways.meta(rows)
    assert found(world) == expected([("import", rows), ("meta", rows)])
