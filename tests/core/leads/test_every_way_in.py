"""The same enquiries give the same leads, whichever way each comes in, and in whatever order."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import and_, delete, func, select, update
from sqlmodel import SQLModel, col

from backend.core import names, phones
from backend.core.access import Person
from backend.core.calling.targets import Handling
from backend.core.centers import CENTER_COLUMN
from backend.core.database import bulk_insert
from backend.core.db import Database
from backend.core.imports import commit, plan, upload
from backend.core.intake import webhook, webhook_access
from backend.core.intake.meta import backfill
from backend.core.leads import editing, match_keys
from backend.core.rate_limits import Throttle
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState, EventKind, Form, Lead, LeadEvent, LeadPhone
from backend.schemas.leads import NewLead
from tests import graph_host, runs
from tests.core.intake.arrivals import notify, work_off
from tests.graph_host import GraphHost
from tests.told import FakeGraph
from tests.world import EPOCH, LEAD, TELLAPUR, World, settings_for

LEADER = Person(1, LEAD, "team_lead")
OF_THE_ACADEMY = 2
HEADER = f"created_time,player_name,player_age_category,phone,email,{CENTER_COLUMN},id"
TIMES = [datetime(2026, 11, 20, 9, minute, tzinfo=UTC) for minute in range(3)]

# Each text below has one of these numbers, so no enquiry bridges two households.
MAIN = {"+919848022338", "+919848000001"}
# What tells a lead from all others: the household, the name and the age category.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What a parent says, and what Meta adds to it."""

    name: str | None
    phone: str | None
    email: str | None
    at: datetime
    leadgen_id: str = ""
    age: str | None = None

    @property
    def is_test(self) -> bool:
        return (self.name or "").startswith("<test lead:")

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(phones.read(self.phone, "IN").numbers)

    @property
    def lead(self) -> Key | None:
        """What tells its lead from all others; None where it is a lead of its own."""
        household = household_of(self.numbers, match_keys.email_key(self.email), self.is_test)
        if household is None:
            return None
        return household, names.key(self.name), match_keys.age_key(self.age)

    @property
    def text(self) -> tuple[object, ...]:
        """What makes it the same row of a spreadsheet."""
        return self.at, self.name, self.age, self.phone

    def answers(self) -> dict[str, str]:
        said = {"full_name": self.name, "phone_number": self.phone, "email": self.email}
        said["player_age_category"] = self.age
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
        said = (self.name or "", self.age or "", f'"{self.phone or ""}"', self.email or "")
        return ",".join((time, *said, "TOFA Tellapur", id))


def household_of(numbers: Collection[str], email_key: str | None, is_test: bool) -> str | None:
    """Return the main number of a household, or its email, or None."""
    shared = MAIN.intersection(numbers)
    key = min(shared) if shared else None
    if key is None and email_key is not None:
        key = f"email:{email_key}"
    return f"test:{key}" if key and is_test else key


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
            token = webhook_access.token(self.settings)
            posted = webhook.Posted(orjson.dumps(said), {}, token, "192.0.2.1")
            answer = webhook.receive(self.db, self.settings, self.throttle, posted)
            assert answer["status"] == "success"

    def manual(self, enquiries: Sequence[Enquiry]) -> None:
        for one in enquiries:
            new = NewLead(
                player_name=one.name or "", phone=one.phone, email=one.email, center_id=TELLAPUR,
                player_age_category=one.age,
            )  # fmt: skip
            with self.db.write() as session:
                editing.create(session, LEADER, new, "IN", Handling.read(session, self.settings))

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
# They tell Meta's id of a lead.
WITH_IDS = frozenset({"meta", "backfill", "import", "export of Meta's"})
# They know a row that an import has added before, if it has a time.
IMPORTS = frozenset({"import", "export of Meta's", "upload", "upload without times"})

Arrivals = list[tuple[str, list[Enquiry]]]


def possible(way: str, one: Enquiry) -> bool:
    """Whether a way takes an enquiry: the form needs a phone, a person types a name and no test."""
    if way == "webhook":
        return one.phone is not None
    return way != "manual" or not (one.name is None or one.is_test)


# None without a name and none without an age: these join the oldest, so their order would matter.
enquiries = st.builds(
    Enquiry,
    name=st.sampled_from(["Zoë Khan", "zoe  KHAN", "Arjun", "<test lead: x>"]),
    phone=st.sampled_from(
        [
            None, "9848022338", "+91 98480-22338 (Mother)", "098480 00001", "ask at the office",
            "9.17013E+11", "9848022338 / 9848022340", "98480 22341; 98480 22338 or 98480 22340",
        ]
    ),
    email=st.sampled_from([None, "a@x.example", "A@X.example"]),
    at=st.sampled_from(TIMES),
    age=st.sampled_from(["U9", "under 9", "U13"]),
).filter(lambda one: one.phone is not None or one.email is not None)  # fmt: skip


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


@dataclass(slots=True)
class Known:
    """What is known of a lead: the times of its enquiries, and the numbers that they gave."""

    moments: set[object] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)


class Model:
    """The leads that arrivals become, by the rule as it is written in the documents.

    An enquiry is known by its time, whatever way it comes in and however often. One without a
    number and an email is a lead of its own, unless Meta's id or its row was there before.
    """

    def __init__(self) -> None:
        self.leads = {
            ("+919848000001", "zoe khan", "u 9"): Known({EPOCH}, {"+919848000001"}),
        }
        self.alone = 0
        self._ids: set[str] = set()
        self._rows: set[tuple[object, ...]] = set()

    def arrive(self, way: str, ones: Sequence[Enquiry]) -> None:
        rows = []
        for one in ones:
            if one.lead is None:
                if self._is_new(way, one):
                    self.alone += 1
                    rows += [one.text] if way in IMPORTS else []
                continue
            known = self.leads.setdefault(one.lead, Known())
            known.moments.add(object() if way in TIMED_HERE else one.at)
            known.numbers |= one.numbers
        if way != "upload without times":
            self._rows.update(rows)

    def _is_new(self, way: str, one: Enquiry) -> bool:
        if way in WITH_IDS:
            is_new = one.leadgen_id not in self._ids
            self._ids.add(one.leadgen_id)
            return is_new
        return way != "upload" or one.text not in self._rows

    def expected(self) -> Counter[tuple[object, ...]]:
        """Each lead with its numbers, and how often it was asked for."""
        known = Counter[tuple[object, ...]](
            (key, frozenset(lead.numbers), len(lead.moments)) for key, lead in self.leads.items()
        )
        return known + Counter({(None, frozenset(), 1): self.alone})


def expected(arrived: Arrivals) -> Counter[tuple[object, ...]]:
    model = Model()
    for way, ones in arrived:
        model.arrive(way, ones)
    return model.expected()


def found(world: World) -> Counter[tuple[object, ...]]:
    repeats = (
        select(func.count())
        .where(
            col(LeadEvent.lead_id) == col(Lead.id),
            col(LeadEvent.kind) == EventKind.REPEAT_ENQUIRY,
        )
        .scalar_subquery()
    )
    query = select(Lead, repeats).where(col(Lead.id) != OF_THE_ACADEMY)
    with world.db.read() as session:
        further: dict[int, set[str]] = defaultdict(set)
        for one in session.scalars(select(LeadPhone)):
            further[one.lead_id].add(one.phone_key)
        leads = session.execute(query).all()
    return Counter(_told(lead, further[lead.id], 1 + repeated) for lead, repeated in leads)


def _told(lead: Lead, further: set[str], asked: int) -> tuple[object, ...]:
    numbers = further | {lead.phone_key} if lead.phone_key else further
    household = household_of(numbers, lead.email_key, lead.is_test)
    age = match_keys.age_key(lead.player_age_category)
    key = None if household is None else (household, lead.name_key, age)
    assert (lead.phone_issue is None) == bool(lead.phone_key or not lead.phone)
    return key, frozenset(numbers), asked


def begin_again(world: World) -> None:
    """Leave only what the academy has before any test."""
    # The audit trail can't be emptied.
    kept = {"lead", "user", "center", "usercenterlink", "auditevent", "auditanchor"}
    with world.db.write() as session:
        for table in reversed(SQLModel.metadata.sorted_tables):
            if table.name not in kept:
                session.connection().execute(table.delete())
        session.connection().execute(delete(Lead).where(col(Lead.id) > OF_THE_ACADEMY))
        session.connection().execute(update(Lead).values(leadgen_id=None))
        session.add(Form(id=graph_host.FORM, questions=[], mapping={}))


@pytest.fixture(scope="module")
def host() -> Iterator[GraphHost]:
    with GraphHost() as started:
        yield started


@pytest.mark.slow
def test_every_way_in_gives_the_same_leads(world: World, host: GraphHost, database: str) -> None:
    @settings(max_examples=runs.on(database, 30))
    @given(arrived=arrivals())
    def check(arrived: Arrivals) -> None:
        begin_again(world)
        ways = Ways(world, host)
        for way, ones in arrived:
            Ways.named()[way](ways, ones)
        assert found(world) == expected(arrived)
        with world.db.read() as session:
            unfinished = col(Delivery.state) != DeliveryState.PROCESSED
            assert session.scalar(select(func.count()).where(unfinished)) == 0

    check()


def leads_of(world: World) -> list[tuple[str | None, int]]:
    """The name of each new lead, and how often it was asked for."""
    repeated = col(LeadEvent.kind) == EventKind.REPEAT_ENQUIRY
    with world.db.read() as session:
        query = (
            select(col(Lead.player_name), func.count(col(LeadEvent.id)))
            .join_from(Lead, LeadEvent, and_(col(LeadEvent.lead_id) == col(Lead.id), repeated),
                       isouter=True)
            .where(col(Lead.id) > OF_THE_ACADEMY)
            .group_by(col(Lead.id), col(Lead.player_name))
            .order_by(col(Lead.id))
        )  # fmt: skip
        return [(name, 1 + count) for name, count in session.connection().execute(query)]


@pytest.mark.parametrize("way", sorted(Ways.named()))
def test_each_way_meets_what_an_upload_has_brought(world: World, host: GraphHost, way: str) -> None:
    """A phone, an email alone, a text alone: each the same name, another one, another time."""
    first = [
        Enquiry("Zoya", "9848022338", None, TIMES[0], "1", "U9"),
        Enquiry("Zoya", None, "a@x.example", TIMES[0], "2", "U9"),
        Enquiry("Zoya", "ask at the office", None, TIMES[0], "3", "U9"),
    ]
    others = [replace(one, name="Tara", leadgen_id=f"1{one.leadgen_id}") for one in first]
    older = [replace(one, age="U13", leadgen_id=f"3{one.leadgen_id}") for one in first]
    later = TIMES[0] + timedelta(minutes=1)
    again = [replace(one, at=later, leadgen_id=f"2{one.leadgen_id}") for one in first]
    begin_again(world)
    ways = Ways(world, host)
    ways.upload_without_ids(first)
    arrived = [("upload", first)]
    then = [one for one in (*first, *others, *older, *again) if possible(way, one)]
    Ways.named()[way](ways, then)
    arrived.append((way, then))
    assert found(world) == expected(arrived)


@pytest.mark.parametrize("way", sorted(Ways.named()))
def test_each_way_meets_any_number(world: World, host: GraphHost, way: str) -> None:
    """And keeps the numbers that it brings, by which the next one is met."""
    ways = Ways(world, host)
    ways.upload_without_ids([Enquiry("Zoya", "9848022338 / 9848022339", None, TIMES[0])])
    by_further = Enquiry("Zoya", "98480 22339, 98480 22340", None, TIMES[1], "1")
    Ways.named()[way](ways, [by_further])
    Ways.named()[way](ways, [Enquiry("Zoya", "9848022340", None, TIMES[2], "2")])
    Ways.named()[way](ways, [Enquiry("Tara", "9848022340", None, TIMES[2], "3")])
    assert leads_of(world) == [("Zoya", 3), ("Tara", 1)]


@pytest.mark.parametrize("way", sorted(Ways.named()))
def test_two_ids_of_meta_s_are_two_leads_without_a_name(
    world: World, host: GraphHost, way: str
) -> None:
    """A placeholder is no name. Without ids, two enquiries without a name are of one child."""
    ways = Ways(world, host)
    nameless = "Test" if way == "manual" else None
    for number, name in enumerate((nameless, "n/a", nameless)):
        one = Enquiry(name, "9848022338", None, TIMES[number], str(number + 1))
        Ways.named()[way](ways, [one])
        Ways.named()[way](ways, [replace(one, name="Zoya", leadgen_id=f"9{number}")])
    asked = sorted((name or "", count) for name, count in leads_of(world))
    if way in WITH_IDS:
        assert asked == [("", 1), ("", 1), ("Zoya", 3), ("n/a", 1)]
    else:
        assert asked == [(nameless or "", 3), ("Zoya", 3)]


BRIDGE = (
    Enquiry("Zoya", "9848022338", None, TIMES[0], "1"),
    Enquiry("Zoya", "9848022339", None, TIMES[1], "2"),
    Enquiry("Zoya", "9848022338 / 9848022339", None, TIMES[2], "3"),
)
NO_AGE = (
    Enquiry("Zoya", "9848022338", None, TIMES[0], "1", "U9"),
    Enquiry("Zoya", "9848022338", None, TIMES[1], "2", "U13"),
    Enquiry("Zoya", "9848022338", None, TIMES[2], "3"),
)


# The order of the three, and how often each lead was asked for then.
ORDERS = [
    # The third joins the older one of two leads, which stay apart.
    ((0, 1, 2), [2, 1]), ((1, 0, 2), [2, 1]),
    # Once the two numbers are one lead's, any of them is.
    ((2, 0, 1), [3]), ((2, 1, 0), [3]), ((0, 2, 1), [3]), ((1, 2, 0), [3]),
]  # fmt: skip


@pytest.mark.parametrize("way", sorted(Ways.named()))
@pytest.mark.slow
def test_where_the_order_matters(world: World, host: GraphHost, way: str, database: str) -> None:
    """An enquiry that may be of two leads joins the older one; it never makes them one."""
    ways = Ways(world, host)
    # Both orders of two that are alike execute the same statements: one of them is enough there.
    orders = ORDERS if database == "sqlite" else ORDERS[::2]
    for three, (order, asked) in itertools.product((BRIDGE, NO_AGE), orders):
        begin_again(world)
        for number in order:
            Ways.named()[way](ways, [three[number]])
        # What is known of the first one's age tells it from the third.
        told_apart = three is NO_AGE and order[1] == 2
        found = [count for _, count in leads_of(world)]
        assert found == ([2, 1] if told_apart else asked), (three, order)


def test_the_batches_of_an_import_do_not_matter(
    world: World, host: GraphHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_insert, "BATCH", 2)
    ways = Ways(world, host)
    rows = [
        Enquiry(name, phone, email, at, str(number), age)
        for number, (name, phone, email, at, age) in enumerate(
            itertools.product(
                ("Zoya", "Tara"),
                ("9848022338", "98480 22340 or 98480 22338", "none", None),
                ("a@x.example", None),
                TIMES[:2],
                ("U9", "U13"),
            ),
            1,
        )
        if phone or email
    ]
    ways.plan_and_commit(rows)
    ways.meta(rows)
    assert found(world) == expected([("import", rows), ("meta", rows)])
