"""Centers are merged with all they have, and a merge is undone as far as nothing has moved on."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.core import centers
from backend.core.access import Person
from backend.core.centers import CenterMerged, Directory
from backend.core.errors import CenterNotFound, Conflict, Invalid
from backend.core.intake import (
    center_aliases,
    center_archive,
    center_changes,
    center_merging,
    deliveries,
    forms,
)
from backend.core.reports import rollup
from backend.models import (
    Form,
    Lead,
    MovedLead,
    Page,
    UserCenterLink,
)
from backend.schemas.centers import CenterChange, NewCenter
from tests.core.intake.arrivals import all_deliveries, events, flat, leads, states, work_off
from tests.dump import dump
from tests.waiting import PATIENCE, check_it_waits
from tests.world import EPOCH, GACHIBOWLI, LEAD_OF_TELLAPUR, TELLAPUR, World

BY = Person(1, "lead@tofa.example", "team_lead")
MEMBER, OBSERVER = 2, 4


def merge(world: World, center_id: int = TELLAPUR, into_id: int = GACHIBOWLI) -> int:
    """Merge Tellapur into Gachibowli. Return the id of the change."""
    return center_merging.merge(world.db, BY, center_id, into_id)["id"]


def center_of(world: World, lead_id: int) -> int | None:
    with world.db.read() as session:
        return session.get_one(Lead, lead_id).center_id


def people_of(world: World, center_id: int) -> list[int]:
    with world.db.read() as session:
        query = select(col(UserCenterLink.user_id)).where(
            col(UserCenterLink.center_id) == center_id
        )
        return sorted(session.scalars(query))


def found(world: World, text: str) -> int | None:
    with world.db.read() as session:
        return Directory.read(session).find(text)


def test_everything_moves_and_moves_back(world: World) -> None:
    with world.db.write() as session:
        center_aliases.add(session, BY, "Tella", TELLAPUR)
        session.add(Form(id="7", questions=[], mapping={}, center_id=TELLAPUR, page_id="8"))
        session.add(Page(id="8", center_id=TELLAPUR))
    change = merge(world)
    assert center_of(world, LEAD_OF_TELLAPUR) == GACHIBOWLI
    assert people_of(world, TELLAPUR) == []
    assert people_of(world, GACHIBOWLI) == [MEMBER, 3, OBSERVER]
    for text in ("Tella", "TOFA Tellapur", "tellapur ", "TOFA Gachibowli"):
        assert found(world, text) == GACHIBOWLI, text
    with world.db.read() as session:
        assert session.get_one(Form, "7").center_id == GACHIBOWLI
        assert session.get_one(Page, "8").center_id == GACHIBOWLI
        merged = centers.list_all(session)[0]
        assert (merged["id"], merged["archived"], merged["merged_into"]) == (1, True, GACHIBOWLI)
    (line,) = events(world.db, LEAD_OF_TELLAPUR)
    assert (line.kind, line.data, line.user_id) == ("moved", '{"from":1,"to":2}', 1)

    assert center_changes.undo(world.db, BY, change) == {"restored": 1, "kept": []}
    assert center_of(world, LEAD_OF_TELLAPUR) == TELLAPUR
    assert (people_of(world, TELLAPUR), people_of(world, GACHIBOWLI)) == ([MEMBER, OBSERVER], [3])
    assert [found(world, text) for text in ("Tella", "TOFA Tellapur", "Tellapur")] == [1, 1, None]
    with world.db.read() as session:
        assert session.get_one(Form, "7").center_id == TELLAPUR
        assert session.get_one(Page, "8").center_id == TELLAPUR
        assert "archived" not in centers.list_all(session)[0]
        assert session.scalars(select(MovedLead)).all() == []
    assert events(world.db, LEAD_OF_TELLAPUR)[-1].data == f'{{"from":2,"to":1,"undone":{change}}}'
    with pytest.raises(Conflict):
        center_changes.undo(world.db, BY, change)


def test_an_undo_leaves_the_database_as_it_was(world: World) -> None:
    """But for the history, and the record of the change itself."""
    with world.db.write() as session:
        center_aliases.add(session, BY, "Tella", TELLAPUR)
        center_aliases.add(session, BY, "Gachi", GACHIBOWLI)
        session.add(UserCenterLink(user_id=MEMBER, center_id=GACHIBOWLI))
        for id in ("7", "8"):
            session.add(Form(id=id, questions=[], mapping={}, center_id=int(id) - 6, page_id="9"))
        session.add(Page(id="9", center_id=TELLAPUR))
        for center_id in (TELLAPUR, GACHIBOWLI):
            deliveries.keep(session, "webhook", "{}", state="failed", center_id=center_id)
    without = ("leadevent", "centerchange", "changedday")
    for first, second in ((TELLAPUR, GACHIBOWLI), (GACHIBOWLI, TELLAPUR)):
        before = dump(world.db, *without)
        change = merge(world, first, second)
        assert dump(world.db, *without) != before
        center_changes.undo(world.db, BY, change)
        assert dump(world.db, *without) == before


def test_what_has_moved_on_stays(world: World) -> None:
    with world.db.write() as session:
        third = centers.create(
            session, NewCenter(display_name="K", meta_tag_name="Kompally", city="")
        )["id"]
        session.add(Lead(created_time=EPOCH, player_name="B", phone="1", center_id=TELLAPUR))
    change = merge(world)
    with world.db.write() as session:
        session.get_one(Lead, LEAD_OF_TELLAPUR).center_id = third
        # A person who leaves the other center, and an alias that gets another center.
        session.delete(session.get_one(UserCenterLink, (OBSERVER, GACHIBOWLI)))
        center_aliases.add(session, BY, "Tellapur", third)
    assert center_changes.undo(world.db, BY, change) == {
        "restored": 1,
        "kept": [LEAD_OF_TELLAPUR],
    }
    assert [center_of(world, id) for id in (1, 2, 3)] == [third, GACHIBOWLI, TELLAPUR]
    assert people_of(world, TELLAPUR) == [MEMBER]
    assert found(world, "Tellapur") == third


def test_leads_that_wait_move_along(world: World) -> None:
    with world.db.write() as session:
        center_archive.archive(session, TELLAPUR)
    for text in ("TOFA Tellapur", "tofa tellapur", "Mars"):
        flat(world.db, nearest_center=text, phone_number=f"98480{hash(text) % 90000 + 10000}")
    work_off(world.db, world.settings)
    assert states(world.db) == {"waiting": 3}
    with world.db.read() as session:
        assert center_archive.use(session, TELLAPUR) == {
            "leads": 1, "people": 2, "aliases": 0, "forms": 0, "pages": 0, "waiting": 2,
        }  # fmt: skip
    change = merge(world)
    work_off(world.db, world.settings)
    assert states(world.db) == {"processed": 2, "waiting": 1}
    assert {lead.center_id for lead in leads(world.db)} == {GACHIBOWLI}
    # It is as it was before: archived.
    center_changes.undo(world.db, BY, change)
    with world.db.read() as session:
        assert centers.list_all(session)[0]["archived"]


def test_merges_that_are_refused(world: World) -> None:
    with pytest.raises(CenterNotFound):
        merge(world, TELLAPUR, 9)
    with pytest.raises(CenterNotFound):
        merge(world, 9, TELLAPUR)
    with pytest.raises(Invalid):
        merge(world, TELLAPUR, TELLAPUR)
    with world.db.write() as session:
        center_archive.archive(session, GACHIBOWLI)
    with pytest.raises(center_aliases.CenterArchived):
        merge(world, TELLAPUR, GACHIBOWLI)
    merge(world, GACHIBOWLI, TELLAPUR)
    refused: list[Callable[[], object]] = [
        lambda: merge(world, GACHIBOWLI, TELLAPUR),
        lambda: merge(world, TELLAPUR, GACHIBOWLI),
    ]
    for merging in refused:
        with pytest.raises(CenterMerged):
            merging()
    with world.db.write() as session:
        for change in (center_archive.archive, center_archive.restore):
            with pytest.raises(CenterMerged):
                change(session, GACHIBOWLI)
        with pytest.raises(CenterMerged):
            centers.change(session, GACHIBOWLI, CenterChange(city="X"))
        new = NewCenter(display_name="G", meta_tag_name="tofa gachibowli", city="")
        with pytest.raises(centers.CenterTaken, match="merged into another one"):
            centers.create(session, new)


def test_a_chain_of_merges(world: World) -> None:
    """Undone out of order: each moves back what still is where it has put it."""
    with world.db.write() as session:
        new = NewCenter(display_name="K", meta_tag_name="Kompally", city="")
        third = centers.create(session, new)["id"]
    first = merge(world, TELLAPUR, GACHIBOWLI)
    second = merge(world, GACHIBOWLI, third)
    assert [center_of(world, id) for id in (1, 2)] == [third, third]
    assert found(world, "TOFA Tellapur") == third
    undone = center_changes.undo(world.db, BY, first)
    assert undone == {"restored": 0, "kept": [LEAD_OF_TELLAPUR]}
    # It has its own name back, whatever the alias says.
    assert found(world, "TOFA Tellapur") == TELLAPUR
    assert center_changes.undo(world.db, BY, second)["restored"] == 2
    assert [center_of(world, id) for id in (1, 2)] == [GACHIBOWLI, GACHIBOWLI]


def test_a_server_that_dies_in_the_middle(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The background moves the other leads, and those that came in by names read before."""
    with world.db.write() as session:
        change = center_merging.begin(session, BY, TELLAPUR, GACHIBOWLI).id or 0
    assert center_of(world, LEAD_OF_TELLAPUR) == TELLAPUR
    center_merging.finish(world.db)
    assert center_of(world, LEAD_OF_TELLAPUR) == GACHIBOWLI
    with world.db.write() as session:
        session.add(Lead(created_time=EPOCH, player_name="Late", center_id=TELLAPUR))
    with world.db.read() as session:
        assert center_merging.is_behind(session)
    with world.db.write() as session:
        assert center_merging.carry_on(session) == 1
    with world.db.read() as session:
        assert not center_merging.is_behind(session)
    # The same for an undo.
    monkeypatch.setattr(center_merging, "finish", lambda _db: None)
    center_changes.undo(world.db, BY, change)
    assert center_of(world, 3) == GACHIBOWLI
    with world.db.write() as session:
        assert center_merging.carry_on(session) == 2
    assert [center_of(world, id) for id in (1, 2, 3)] == [TELLAPUR, GACHIBOWLI, TELLAPUR]


def test_many_leads_move_in_steps(world: World) -> None:
    many = 2 * center_merging.STEP + 3
    with world.db.write() as session:
        session.add_all(
            Lead(created_time=EPOCH, player_name=f"P{number}", center_id=TELLAPUR)
            for number in range(many)
        )
    merged = center_merging.merge(world.db, BY, TELLAPUR, GACHIBOWLI)
    assert merged["moved"] == many + 1
    assert center_changes.undo(world.db, BY, merged["id"])["restored"] == many + 1
    with world.db.read() as session:
        moved = select(Lead).where(col(Lead.center_id) == TELLAPUR)
        assert len(session.scalars(moved).all()) == many + 1


def test_reports_follow(world: World) -> None:
    zone = world.settings.zone
    day = EPOCH.astimezone(zone).date()
    with world.db.write() as session:
        while rollup.refresh(session, zone):
            pass
    with world.db.read() as session:
        assert rollup.changed(session, day, day, zone) == []
    change = merge(world)
    with world.db.read() as session:
        assert rollup.changed(session, day, day, zone) == [day]
    with world.db.write() as session:
        rollup.refresh(session, zone)
    center_changes.undo(world.db, BY, change)
    with world.db.read() as session:
        assert rollup.changed(session, day, day, zone) == [day]


def test_two_people_merge_at_once(world: World) -> None:
    """Each into the other: one of them is refused."""
    began, done = threading.Event(), threading.Event()
    refused: list[BaseException] = []

    def meanwhile() -> None:
        began.wait(PATIENCE)
        try:
            merge(world, GACHIBOWLI, TELLAPUR)
        except CenterMerged as error:
            refused.append(error)
        done.set()

    thread = threading.Thread(target=meanwhile)
    thread.start()
    with world.db.write() as session:
        center_merging.begin(session, BY, TELLAPUR, GACHIBOWLI)
        check_it_waits(world.db, began.set, done.is_set)
    thread.join(PATIENCE)
    assert len(refused) == 1
    center_merging.finish(world.db)
    assert [center_of(world, id) for id in (1, 2)] == [GACHIBOWLI, GACHIBOWLI]


def test_archived_centers(world: World) -> None:
    with world.db.write() as session:
        center_aliases.add(session, BY, "Tella", TELLAPUR)
        session.add(Form(id="7", questions=[], mapping={}, center_id=TELLAPUR))
        assert center_archive.archive(session, TELLAPUR)["archived"]
        # Again: nothing changes.
        center_archive.archive(session, TELLAPUR)
    assert found(world, "TOFA Tellapur") is None
    with world.db.read() as session:
        assert Directory.read(session).find_any("tella") == TELLAPUR
        assert forms.own_center(session, "7", None) is None
    for number, text in enumerate(("TOFA Tellapur", "tella", "TOFA Gachibowli")):
        flat(world.db, nearest_center=text, phone_number=f"984800900{number}")
    work_off(world.db, world.settings)
    reasons = [one.reason for one in all_deliveries(world.db)]
    assert reasons == ["archived_center", "archived_center", "create"]
    with world.db.read() as session:
        unknown = center_aliases.unknown(session)
        names = [(one["text"], one["archived_center_id"]) for one in unknown]
    assert names == [("TOFA Tellapur", 1), ("tella", 1)]
    with world.db.write() as session:
        assert "archived" not in center_archive.restore(session, TELLAPUR)
    work_off(world.db, world.settings)
    assert [lead.center_id for lead in leads(world.db)] == [GACHIBOWLI, TELLAPUR, TELLAPUR]


def test_an_archived_name_can_mean_another_center(world: World) -> None:
    with world.db.write() as session:
        center_archive.archive(session, TELLAPUR)
        with pytest.raises(center_aliases.CenterArchived):
            center_aliases.add(session, BY, "Tella", TELLAPUR)
        center_aliases.add(session, BY, "TOFA Tellapur", GACHIBOWLI)
    assert found(world, "tofa tellapur") == GACHIBOWLI
