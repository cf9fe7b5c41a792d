"""Meta's export beside what is here."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.core.errors import BadRequest
from backend.core.intake import deliveries
from backend.core.intake.meta.reconcile import Comparison, reconcile
from backend.models import Delivery, DeliveryState, Lead
from tests.dump import dump
from tests.world import World

HEADER = "id\tcreated_time\tform_id\tfull_name\tphone_number\n"


def export(*ids: int | str) -> bytes:
    rows = (f"l:{id}\t2026-11-02T10:00:00+05:30\tf:7\tZoë\tp:+919848000001\n" for id in ids)
    return (HEADER + "".join(rows)).encode("utf-16")


def test_what_is_missing_is_announced(world: World) -> None:
    with world.db.write() as session:
        lead = session.get(Lead, 1)
        assert lead is not None
        lead.leadgen_id = "101"
        announced = [
            {"source": "meta", "body": "{}", "leadgen_id": str(id)} for id in (102, 103, 104)
        ]
        deliveries.announce(session, announced)
        for id, state in (("102", DeliveryState.PROCESSED), ("103", DeliveryState.FAILED)):
            query = select(Delivery).where(col(Delivery.leadgen_id) == id)
            session.scalars(query).one().state = state
    file = export(101, 102, 103, 104, 105, 106, 105)
    expected = Comparison(6, 2, {"failed": 1, "received": 1}, ("105", "106"))
    before = dump(world.db)
    assert reconcile(world.db, "leads.csv", file, dry_run=True) == expected
    assert dump(world.db) == before
    assert reconcile(world.db, "leads.csv", file, dry_run=False) == expected
    with world.db.read() as session:
        query = select(Delivery).where(col(Delivery.leadgen_id).in_(["105", "106"]))
        for delivery in session.scalars(query):
            assert (delivery.source, delivery.state, delivery.form_id) == (
                "backfill",
                "received",
                "7",
            )
            assert delivery.fetched is None
    again = reconcile(world.db, "leads.csv", file, dry_run=False)
    assert again == Comparison(6, 2, {"received": 4}, ()), "failed deliveries must be retried"


@pytest.mark.slow
def test_more_than_one_query_can_ask_for(world: World) -> None:
    found = reconcile(world.db, "leads.csv", export(*range(1, 12_001)), dry_run=False)
    assert (found.there, found.leads, len(found.missing)) == (12_000, 0, 12_000)
    assert reconcile(world.db, "l.csv", export(*range(1, 12_001)), dry_run=True).states == {
        "received": 12_000
    }


def test_rows_without_an_id_are_skipped(world: World) -> None:
    file = export("", "x", "1" * 41, 7, " 8")
    assert reconcile(world.db, "l.csv", file, dry_run=True).missing == ("7",)


@pytest.mark.parametrize(
    ("header", "id"),
    [("ID", "l:101"), ("\ufeffid ", "l:101"), ("leadgen_id", "101"), ("Meta Lead ID", "l:101")],
)
def test_the_column_of_the_ids(world: World, header: str, id: str) -> None:
    file = f"{header},Form ID\n{id},f:7\n".encode()
    assert reconcile(world.db, "leads.csv", file, dry_run=False).missing == ("101",)
    with world.db.read() as session:
        query = select(Delivery).where(col(Delivery.leadgen_id) == "101")
        assert session.scalars(query).one().form_id == "7"


def test_a_file_with_ids_alone(world: World) -> None:
    assert reconcile(world.db, "l.csv", b" ID \nl:5\n", dry_run=False).missing == ("5",)


@pytest.mark.parametrize(
    "content", [b"", b"phone\n1\n", b"id\n17\n", b"id\n", b"\x00\x01\x02"], ids=repr
)
def test_another_file(world: World, content: bytes) -> None:
    with pytest.raises(BadRequest):
        reconcile(world.db, "leads.csv", content, dry_run=False)
