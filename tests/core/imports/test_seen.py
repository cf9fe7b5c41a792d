"""What the first rows say of a column whose name leaves it open."""

import pytest
from sqlmodel import col, select

from backend.core.imports import columns, plan
from backend.core.imports.seen import Seen
from backend.core.imports.upload import upload
from backend.models import Lead
from tests.core.imports.sheets_of import LEADER, commit_it, sheet, show, verdicts, why
from tests.world import World

CENTER = "nearest_tofa"


def seen(*cells: str, name: str = "Category") -> Seen:
    return Seen.of([name], [[cell] for cell in cells])


@pytest.mark.parametrize(
    "cells",
    [
        ("U12", "U-14", "Under 16"), ("8-10", "11 to 13", "6 to 9 yrs"), ("10", "12 years", ""),
        ("12+", "Age 8", "above 14"), ("Junior", "Senior"), ("06-Aug", "12-Oct"),
        ("U12", "-", "U9"), ("", ""), ("U-8 / U-10", "Under 12 (boys)"),
    ],
)  # fmt: skip
def test_a_category_of_ages(cells: tuple[str, ...]) -> None:
    assert seen(*cells).no_ages == frozenset()


@pytest.mark.parametrize(
    "cells",
    [
        ("Hot", "Warm", "Cold"), ("Football", "Cricket"), ("General", "OBC", "SC"), ("A", "B"),
        ("Facebook", "Walk-in"), ("Hot", "U12", "Warm"),
    ],
)  # fmt: skip
def test_a_category_of_something_else(cells: tuple[str, ...]) -> None:
    assert seen(*cells).no_ages == {0}
    assert seen(*cells, name="Player category").no_ages == {0}
    assert seen(*cells, name="Age category").no_ages == frozenset()


def test_a_category_of_something_else_is_an_answer() -> None:
    names = ["Category", "phone", CENTER]
    found = columns.propose(names, seen=Seen.of(names, [["Hot", "1", "T"]]))
    assert found.mapping == {"phone": "phone", CENTER: "center"}
    no_ages = Seen(no_ages=frozenset({0}))
    found = columns.propose(names, {"Category": "player_age_category"}, seen=no_ages)
    assert found.mapping["Category"] == "player_age_category"
    names = ["Category", "Batch (U9, U11)", "phone", CENTER]
    assert columns.propose(names, seen=no_ages).fields[1] == "player_age_category"


CALLED = ("Interested", "RNR", "Not interested", "", "wants evenings", "Joined")


def test_a_column_of_statuses_under_another_name_is_proposed() -> None:
    assert seen(*CALLED, name="Response").statuses == {0}
    names = ["Response", "phone", CENTER]
    rows = [[cell, "1", "T"] for cell in CALLED]
    found = columns.propose(names, seen=Seen.of(names, rows))
    assert (found.mapping["Response"], found.proposed) == ("status", ["Response"])
    # A file that is imported in one step isn't reviewed.
    assert "Response" not in columns.usual(names, Seen.of(names, rows)).mapping
    found = columns.propose(names, {"Response": "ignore"}, seen=Seen.of(names, rows))
    assert "Response" not in found.mapping
    found = columns.propose(names, {"phone": "status"}, seen=Seen.of(names, rows))
    assert "Response" not in found.mapping


@pytest.mark.parametrize("other", ["Status", "Lead stage", "Result"])
def test_another_column_has_the_statuses(other: str) -> None:
    """Of two columns of statuses that nobody has named so, each may be of another call."""
    names = ["Response", other, "phone", CENTER]
    rows = [[cell, cell, "1", "T"] for cell in CALLED]
    assert "Response" not in columns.propose(names, seen=Seen.of(names, rows)).mapping


@pytest.mark.parametrize(
    "cells",
    [
        ("Hot", "Warm lead", "Cold", "New"), ("Paid", "Pending"), ("New", "Existing student"),
        ("Interested", "Call back"), ("Interested", "RNR", "Joined", "a", "b", "c", "d"), (),
        ("Yes", "No", "Maybe"), ("Trial", "Joined"), ("U9", "U11"),
    ],
)  # fmt: skip
def test_a_column_of_something_else_than_statuses(cells: tuple[str, ...]) -> None:
    assert seen(*cells, name="Response").statuses == frozenset()


PHONES = ("7013010011", "98480 22338 (father)", "", "later", "+91 40 2345 6789")


@pytest.mark.parametrize("name", ["Number", "Num", "Enquiry", "Primary"])
def test_phones_under_another_name_are_proposed(name: str) -> None:
    names = [name, "Order", CENTER]
    rows = [[cell, str(at), "T"] for at, cell in enumerate(PHONES)]
    found = columns.propose(names, seen=Seen.of(names, rows, "IN"))
    assert found.mapping == {name: "phone", CENTER: "center"}
    assert found.proposed == [name]
    assert name not in columns.usual(names, Seen.of(names, rows, "IN")).mapping


@pytest.mark.parametrize("other", ["Phone", "Mother's mobile", "Number 2"])
def test_another_column_has_the_phones(other: str) -> None:
    """Of two columns of phones that nobody has named so, it isn't known whose they are."""
    names = ["Number", other, CENTER]
    rows = [[cell, cell, "T"] for cell in PHONES]
    found = columns.propose(names, seen=Seen.of(names, rows, "IN"))
    assert "Number" not in found.mapping


@pytest.mark.parametrize(
    "cells",
    [("1", "2"), ("2026-11-05 16:30:12",), ("1762340412", "1762340413"), ("Naira",), ("", ""),
     ("120348000000001", "120348000000002"), ("45966.6875",)],
)  # fmt: skip
def test_numbers_that_are_no_phones(cells: tuple[str, ...]) -> None:
    assert Seen.of(["Number"], [[cell] for cell in cells], "IN").phones == frozenset()


@pytest.mark.parametrize(
    ("cells", "is_class"),
    [
        (("4", "12"), True), (("LKG", "11"), True), (("4th", ""), True), (("10",), True),
        (("040", "22"), False), (("11", "12"), False), (("", ""), False), (("+91",), False),
    ],
)  # fmt: skip
def test_std_is_a_class_or_a_code(cells: tuple[str, ...], *, is_class: bool) -> None:
    names = ["Std", "phone", CENTER]
    rows = [[cell, "23456789", "T"] for cell in cells]
    found = columns.usual(names, Seen.of(names, rows))
    assert ("Std" not in found.mapping) is is_class


HEADER = f"player_name,phone,Called,Trial done,Joined,Not Interested,Closed,{CENTER}"
TOLD = [
    ("Yes,No,No,No,", "Called", []),
    ("Yes,✓,TRUE,No,", "Joined", []),
    ("1,1,0,,", "Trial Scheduled", []),
    ("Y,,,Y,", "Dead/Not Interested", []),
    ("No,N,0,false,no", "New", []),
    (",,,,", "New", []),
    (",,Y,Y,", "New", ["Joined: Y, Not Interested: Y"]),
    ("Y,,,,Yes", "Called", ["Closed: Yes"]),
    (",,x,,", "New", ["Joined: x"]),
    (",,sometime,,", "New", ["Joined: sometime"]),
]


def test_ticked_columns_set_the_status(world: World) -> None:
    rows = [
        f"Child {at},70130160{at:02},{cells},TOFA Tellapur" for at, (cells, *_) in enumerate(TOLD)
    ]
    content = sheet(*rows, header=HEADER)
    made = plan.make(world.db, world.settings, LEADER, "leads.csv", content)
    assert {made["mapping"][name] for name in ("Called", "Joined", "Closed")} == {"status"}
    texts = {one["text"]: one["status"] for one in made["statuses"] or ()}
    assert (texts["Joined: TRUE"], texts["Closed: Yes"]) == ("Joined", None)
    assert [reasons for _, _, reasons, _ in verdicts(world, made["id"])] == [
        [why("unknown_status", status=text) for text in said] for _, _, said in TOLD
    ]
    commit_it(world, made["id"])
    assert statuses(world) == [status for _, status, _ in TOLD]


def test_a_person_can_choose_what_a_tick_means(world: World) -> None:
    content = sheet("Naira,7013016001,,,,,Yes,TOFA Tellapur", header=HEADER)
    chosen = '{"Closed: Yes": "Joined"}'
    made = plan.make(world.db, world.settings, LEADER, "l.csv", content, statuses=chosen)
    commit_it(world, made["id"])
    assert show(world, made["id"])["doubts"] == {}
    assert statuses(world) == ["Joined"]


def test_an_upload_in_one_step_reads_ticks(world: World) -> None:
    header = f"player_name,phone,Status,Joined?,{CENTER}"
    rows = ["A,7013016001,New,Yes", "B,7013016002,Demo booked,No",
            "C,7013016003,Not interested,Yes", "D,7013016004,,TRUE"]  # fmt: skip
    content = sheet(*(f"{row},TOFA Tellapur" for row in rows), header=header)
    answer = upload(world.db, world.settings, LEADER, "l.csv", content)
    assert answer == {"status": "success", "leads_added": 4}
    assert statuses(world) == ["Joined", "Trial Scheduled", "Dead/Not Interested", "Joined"]


def test_a_column_of_another_kind_stays_an_answer(world: World) -> None:
    header = f"player_name,phone,Trial,Joined,{CENTER}"
    rows = ["A,7013016001,Saturday 5 pm,2026-11-05", "B,7013016002,Sunday,2026-11-06"]
    content = sheet(*(f"{row},TOFA Tellapur" for row in rows), header=header)
    upload(world.db, world.settings, LEADER, "l.csv", content)
    assert statuses(world) == ["New", "New"]


def statuses(world: World) -> list[str]:
    with world.db.read() as session:
        made = select(col(Lead.status)).where(col(Lead.phone_key).startswith("+91701301600"))
        return list(session.scalars(made.order_by(col(Lead.id))))
