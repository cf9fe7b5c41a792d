"""Centers by any name: each unknown text once, and what waits goes through when it is known."""

import threading

import pytest

from backend.core import centers
from backend.core.access import Person
from backend.core.centers import Directory
from backend.core.db import Database
from backend.core.errors import CenterNotFound
from backend.core.intake import center_aliases, deliveries
from backend.schemas.centers import NewCenter
from tests.core.intake.arrivals import all_deliveries, delivery, flat, leads, states, work_off
from tests.waiting import PATIENCE, check_it_waits
from tests.world import GACHIBOWLI, TELLAPUR, World

BY = Person(1, "lead@tofa.example", "team_lead")


def wait_for(world: World, *texts: str) -> list[int]:
    """Process deliveries that name these centers. Return their ids."""
    first = 10**9 + len(all_deliveries(world.db))
    ids = [
        flat(world.db, nearest_center=text, phone_number=str(phone))
        for phone, text in enumerate(texts, first)
    ]
    work_off(world.db, world.settings)
    return ids


def say(db: Database, text: str, center_id: int = TELLAPUR) -> int:
    with db.write() as session:
        return center_aliases.add(session, BY, text, center_id)


def test_each_unknown_name_is_listed_once(world: World) -> None:
    wait_for(world, "Miyapur", "MIYAPUR ", "Mars", "TOFA Tellapur", "miyapur", "Mars")
    first = all_deliveries(world.db)[0]
    with world.db.read() as session:
        found = center_aliases.unknown(session)
    assert [(one["text"], one["count"]) for one in found] == [("Miyapur", 3), ("Mars", 2)]
    assert found[0]["oldest"] == first.received_at


def test_an_alias_processes_waiting_and_later_deliveries(world: World) -> None:
    wait_for(world, "Miyapur", "Mars", " miyapur")
    assert say(world.db, "MIYAPUR") == 2
    assert states(world.db) == {"received": 2, "waiting": 1}
    work_off(world.db, world.settings)
    assert states(world.db) == {"processed": 2, "waiting": 1}
    wait_for(world, "mIyApUr")
    assert [lead.center_id for lead in leads(world.db)] == [TELLAPUR] * 3
    with world.db.read() as session:
        assert [one["text"] for one in center_aliases.unknown(session)] == ["Mars"]
        # The upload and the command line know it by this.
        assert Directory.read(session).find(" MIYAPUR") == TELLAPUR


def test_the_latest_alias_counts(world: World) -> None:
    say(world.db, "Miyapur")
    assert say(world.db, "miyapur", GACHIBOWLI) == 0
    with world.db.read() as session:
        assert Directory.read(session).find("Miyapur") == GACHIBOWLI


def test_aliases_that_are_refused(world: World) -> None:
    with pytest.raises(CenterNotFound):
        say(world.db, "Miyapur", 99)
    with pytest.raises(center_aliases.CenterKnown):
        say(world.db, "tofa  gachibowli", TELLAPUR)


def test_a_new_center_processes_its_waiting_deliveries(world: World) -> None:
    wait_for(world, "TOFA Kompally", "Mars")
    new = NewCenter(display_name="Kompally", meta_tag_name="tofa kompally", city="Hyderabad")
    with world.db.write() as session:
        centers.create(session, new)
        assert center_aliases.center_made(session, new.meta_tag_name) == 1
    work_off(world.db, world.settings)
    assert states(world.db) == {"processed": 1, "waiting": 1}


def test_dismissed_deliveries_stay_dismissed(world: World) -> None:
    (id,) = wait_for(world, "Miyapur")
    with world.db.write() as session:
        deliveries.dismiss(session, BY, id, "A joke")
    assert say(world.db, "Miyapur") == 0
    assert delivery(world.db, id).state == "dismissed"


def test_no_delivery_is_left_waiting_for_a_known_center(world: World) -> None:
    """A worker finds it unknown while a team lead says what it means: neither misses the other."""
    found, said = threading.Event(), threading.Event()

    def meanwhile() -> None:
        found.wait(PATIENCE)
        say(world.db, "Miyapur")
        said.set()

    thread = threading.Thread(target=meanwhile)
    thread.start()
    with world.db.write() as session:
        assert center_aliases.find(session, "Miyapur") is None
        # It is not said before this transaction has ended.
        check_it_waits(world.db, found.set, said.is_set)
        deliveries.keep(
            session, "webhook", "{}", state="waiting", reason=deliveries.UNKNOWN_CENTER,
            center_text="Miyapur", due_at=None,
        )  # fmt: skip
    thread.join(PATIENCE)
    assert states(world.db) == {"received": 1}
