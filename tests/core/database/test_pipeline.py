"""Statements past SQLAlchemy: their values, their answers and their errors, on both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlmodel import Session, SQLModel, col

from backend.core.database import pipeline
from backend.models import Lead, LeadEvent, LeadOrigin
from tests.world import World

AT = datetime(2026, 11, 9, 6, 0, 0, 120, tzinfo=UTC)
LINE = {"at": AT, "kind": "created", "data": "{}", "user_id": None}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def add(session: Session, *others: pipeline.New, **lead: Any) -> int:
    new = {"created_time": AT, "status": "New", **lead}
    return pipeline.insert(session, ("lead", new), *others)


def test_each_statement_has_its_rows(world: World) -> None:
    with world.db.write() as session:
        found = pipeline.run(
            session,
            ("SELECT id FROM lead WHERE id > %s ORDER BY id", (0,)),
            ("UPDATE lead SET status = %s WHERE id = %s", ("Called", 1)),
            ("SELECT status FROM lead WHERE id = %s", (1,)),
            ("SELECT id FROM lead WHERE id < %s", (0,)),
        )
    assert found == [[(1,), (2,)], [], [("Called",)], []]


def test_a_row_and_those_that_belong_to_it(world: World) -> None:
    origin = {"answers": {"größe": "4", "%s": "'"}, "is_organic": False, "ad_id": None}
    with world.db.write() as session:
        id = add(session, ("leadevent", LINE), ("leadorigin", origin), player_name="Zoë")
        pipeline.run(session, pipeline.adding("leadevent", id, LINE | {"kind": "status"}))
    with world.db.read() as session:
        lead, kept = session.get_one(Lead, id), session.get_one(LeadOrigin, id)
        kinds = session.scalars(select(col(LeadEvent.kind)).order_by(col(LeadEvent.id))).all()
    assert (lead.player_name, lead.created_time, lead.phone) == ("Zoë", AT, None)
    # What is null is left to the defaults.
    assert (lead.name_key, lead.is_test, lead.search_indexed) == ("", False, False)
    assert (kept.answers, kept.is_organic, kept.ad_id) == (origin["answers"], False, None)
    assert kinds == ["created", "status"]


@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_texts_are_values_and_nothing_else(world: World, texts: list[str]) -> None:
    with world.db.write() as session:
        id = add(session, address=texts[0])
        answers = pipeline.run(
            session,
            *(
                ("UPDATE lead SET address = %s WHERE id = %s RETURNING address", (text, id))
                for text in texts
            ),
        )
    assert answers == [[(text,)] for text in texts]


def count(world: World, table: type[SQLModel]) -> int:
    with world.db.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def fail(world: World, *steps: pipeline.Step) -> None:
    with world.db.write() as session:
        add(session, player_name="is undone")
        pipeline.run(session, *steps)


def test_errors_are_those_of_sqlalchemy(world: World) -> None:
    with pytest.raises(IntegrityError) as raised:
        fail(world, ("INSERT INTO centeralias (key) VALUES (%s)", ("98480 22338",)))
    assert "[parameters" not in str(raised.value)
    with pytest.raises((OperationalError, ProgrammingError)):
        fail(world, ("SELECT nothing_of_that_name", ()))
    assert count(world, Lead) == 2


def test_the_same_id_of_meta_s_twice(world: World) -> None:
    def again() -> None:
        with world.db.write() as session:
            add(session, ("leadevent", LINE), leadgen_id="7")

    again()
    with pytest.raises(IntegrityError):
        again()
    assert count(world, LeadEvent) == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_all_that_is_sent_is_committed_or_nothing(world: World) -> None:
    update = "UPDATE lead SET status = %s WHERE id = %s"

    def put(send: pipeline.Send, items: Any) -> list[Any]:
        return [send([(update, (item, 1)), (update, ("Called", 2))]) for item in items]

    assert world.db.send_together(put, "Joined") == [[], []]

    def fall(send: pipeline.Send, _items: Any) -> list[Any]:
        return [send([(update, ("New", 1)), ("SELECT nothing_of_that_name", ())])]

    for _ in range(20):  # more often than there are connections
        with pytest.raises(ProgrammingError):
            world.db.send_together(fall, "")
    with world.db.read() as session:
        statuses = session.scalars(select(col(Lead.status)).order_by(col(Lead.id))).all()
    assert statuses == ["Joined", "Called"]
