"""Deleted leads are nowhere, and restoring them gives what was before."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from backend.core import retention, times
from backend.core.access import Person
from backend.core.calling.rules import Standard
from backend.core.errors import ChangeNotFound, Conflict, Forbidden, Invalid, LeadNotFound
from backend.core.intake import deliveries
from backend.core.leads import (
    adding,
    attempts,
    bulk_edit,
    changes,
    detail,
    edit_undo,
    editing,
    matching,
    search,
)
from backend.core.privacy import erasing, finishing, person_export
from backend.models import (
    Attempt,
    BulkChange,
    Comment,
    Delivery,
    EventKind,
    Import,
    ImportState,
    Lead,
    LeadEvent,
    LeadPhone,
    Outcome,
    RecentEdit,
    Role,
    User,
)
from backend.schemas.attempts import NewAttempt
from backend.schemas.history import HistoryFilter
from backend.schemas.leads import Changed, LeadEdit, LeadsChange, Restored
from tests import runs
from tests.core.leads.merging_of import add, described, indexed, merge, unmerge
from tests.core.leads.test_merging import PLAIN
from tests.dump import dump
from tests.world import LEAD, LEAD_OF_GACHIBOWLI, LEAD_OF_TELLAPUR, MEMBER, World, settings_for

LEADER = Person(1, LEAD, Role.TEAM_LEAD)
TEAM_MEMBER = Person(2, MEMBER, Role.TEAM_MEMBER, (1,))
ID = LEAD_OF_TELLAPUR
# What tells of the deletion and the undo themselves, what the background makes of leads, and what
# was to be told of them.
ASIDE = (
    *("bulkchange", "auditevent", "retentionmark"),
    *("changedday", "dailytotal", "totalledday"),
    *("outboxmessage", "alert"),
)


@pytest.fixture
def an_import(world: World) -> None:
    with world.db.write() as session:
        session.add(
            Import(
                id=1,
                state=ImportState.COMMITTED,
                filename="a.csv",
                created_at=times.now(),
                columns=[],
                mapping={},
                totals={},
            )
        )


def change(world: World, wanted: LeadsChange, by: Person = LEADER) -> Changed:
    with world.db.write() as session:
        return bulk_edit.change(session, by, wanted, world.settings.zone)


def delete(world: World, *ids: int, by: Person = LEADER) -> Changed:
    return change(world, LeadsChange(ids=list(ids), delete=True), by)


def restore(world: World, changed: Changed, by: Person = LEADER) -> Restored:
    with world.db.write() as session:
        return bulk_edit.undo(session, world.settings, by, changed["id"] or 0)


def state(world: World) -> tuple[dict[str, list[tuple[Any, ...]]], list[Any]]:
    """Return all rows but those that tell of deletions, and the index of the search."""
    with world.db.write() as session:
        search.fill(session)
    found = dump(world.db, *ASIDE)
    with world.db.read() as session:
        lines = select(col(LeadEvent.id)).where(
            (col(LeadEvent.kind) == EventKind.DELETED) | col(LeadEvent.data).contains('"undone"')
        )
        told = {*session.scalars(lines)}
    found["leadevent"] = [row for row in found["leadevent"] if row[0] not in told]
    return found, indexed(world)


def count(session: Session, table: type[SQLModel]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.slow
def test_restoring_gives_what_was_before(world: World, an_import: None, database: str) -> None:
    @settings(max_examples=runs.on(database, 30))
    @given(data=st.data(), many=st.integers(1, 4))
    def check(data: st.DataObject, many: int) -> None:
        with world.db.write() as session:
            ids = [add(session, data.draw(described())) for _ in range(many)]
        if many > 1 and data.draw(st.booleans()):
            merge(world, ids[0], ids[1])
            ids.remove(ids[1])
        before = state(world)
        gone = data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
        deletion = delete(world, *gone)
        assert deletion["changed"] == len(gone)
        found, in_index = state(world)
        assert not {*gone} & ({row[0] for row in found["lead"]} | {*in_index})
        assert restore(world, deletion) == {"restored": len(gone), "kept": []}
        after = state(world)
        for name, rows in before[0].items():
            assert after[0][name] == rows, name
        assert after == before

    check()


def call(world: World, lead_id: int, key: str) -> int:
    given = NewAttempt(outcome=Outcome.SPOKE, comment=f"Call {key}", client_key=key)
    with world.db.write() as session:
        standard = Standard.of(world.settings)
        return attempts.record(session, LEADER, lead_id, given, standard)["id"]


def edit(world: World, lead_id: int, name: str) -> int:
    zone, region = world.settings.zone, world.settings.phone_region
    with world.db.write() as session:
        edited = editing.edit(session, LEADER, lead_id, LeadEdit(player_name=name), zone, region)
    return edited["edit_id"] or 0


def test_what_came_meanwhile_keeps_its_ids(world: World) -> None:
    """On SQLite, the rows that come after a deletion have the ids of the deleted ones."""
    with world.db.write() as session:
        merged_id = add(session, {**PLAIN, "phone": None, "further": [], "comments": 2})
    merge(world, ID, merged_id)
    call(world, ID, "of-the-first")
    edit(world, ID, "Anya")
    deletion = delete(world, ID)
    other_call = call(world, LEAD_OF_GACHIBOWLI, "of-the-second")
    edit(world, LEAD_OF_GACHIBOWLI, "Bela")
    with world.db.read() as session:
        before = detail.history(session, LEADER, LEAD_OF_GACHIBOWLI, HistoryFilter())
    assert restore(world, deletion) == {"restored": 1, "kept": []}
    with world.db.read() as session:
        assert detail.history(session, LEADER, LEAD_OF_GACHIBOWLI, HistoryFilter()) == before
        lines = detail.history(session, LEADER, ID, HistoryFilter())
        texts = [line["data"].get("text") for line in lines if line["kind"] == EventKind.COMMENT]
        assert sorted(map(str, texts)) == ["Call of-the-first", "Comment 0", "Comment 1"]
        (own,) = session.scalars(select(Attempt).where(col(Attempt.lead_id) == ID))
        said = session.get_one(Comment, own.comment_id)
        assert (said.text, said.lead_id) == ("Call of-the-first", ID)
        named = [line["data"]["call_id"] for line in lines if line["kind"] == EventKind.CALL]
        assert named == [own.id]
        assert own.id != other_call
        merge_id = next(line["data"]["merge_id"] for line in lines if line["kind"] == "merged")
    # A call that was restored can be undone, and so can the merge.
    with world.db.write() as session:
        attempts.undo(session, LEADER, ID, own.id or 0)
    unmerge(world, int(merge_id))
    with world.db.read() as session:
        of_merged = select(col(Comment.text)).where(col(Comment.lead_id) == merged_id)
        assert sorted(session.scalars(of_merged)) == ["Comment 0", "Comment 1"]
        assert session.scalar(
            select(col(Comment.text)).where(col(Comment.lead_id) == LEAD_OF_GACHIBOWLI)
        )


def test_what_was_done_before_can_still_be_undone(world: World) -> None:
    edit_id = edit(world, ID, "Anya")
    earlier = change(world, LeadsChange(ids=[ID, LEAD_OF_GACHIBOWLI], comment="Camp"))
    deletion = delete(world, ID)
    restore(world, deletion)
    assert restore(world, earlier) == {"restored": 2, "kept": []}
    with world.db.write() as session:
        assert count(session, Comment) == 0
        edit_undo.undo(session, LEADER, ID, edit_id)
    with world.db.read() as session:
        assert session.get_one(Lead, ID).player_name != "Anya"


def test_a_change_from_before_leaves_a_deleted_lead_out(world: World) -> None:
    earlier = change(world, LeadsChange(ids=[ID, LEAD_OF_GACHIBOWLI], comment="Camp"))
    delete(world, ID)
    assert restore(world, earlier) == {"restored": 1, "kept": [ID]}


def test_only_team_leads_delete_and_restore(world: World) -> None:
    with pytest.raises(Forbidden):
        delete(world, ID, by=TEAM_MEMBER)
    deletion = delete(world, ID)
    with pytest.raises(ChangeNotFound):
        restore(world, deletion, by=TEAM_MEMBER)
    # One who was a team lead, and isn't any more.
    demoted = Person(LEADER.id, LEADER.email, Role.TEAM_MEMBER, (1,))
    with pytest.raises(Forbidden):
        restore(world, deletion, by=demoted)
    assert restore(world, deletion)["restored"] == 1


@pytest.mark.parametrize("more", [{"status": "Called"}, {"comment": "Why"}, {"owner_id": None}])
def test_leads_are_deleted_or_changed(world: World, more: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="not both"):
        change(world, LeadsChange.model_validate({"ids": [ID], "delete": True, **more}))
    with world.db.read() as session:
        assert session.get(Lead, ID) is not None


def test_nothing_is_deleted_twice_or_restored_twice(world: World) -> None:
    assert delete(world, ID, 99)["changed"] == 1
    assert delete(world, ID) == {"id": None, "changed": 0}
    with world.db.read() as session:
        deletion: Changed = {"id": session.scalar(select(col(BulkChange.id))), "changed": 1}
    restore(world, deletion)
    with pytest.raises(Conflict):
        restore(world, deletion)
    with world.db.read() as session:
        assert session.scalars(select(BulkChange)).one().changes == [{"id": ID, "deleted": None}]


def test_ids_are_not_given_again(world: World) -> None:
    with world.db.write() as session:
        last = add(session, {**PLAIN, "phone": None, "further": []})
        line = session.scalar(select(func.max(col(LeadEvent.id)))) or 0
    deletion = delete(world, last)
    with world.db.write() as session:
        added = add(session, {**PLAIN, "phone": None, "further": []})
        newest = session.scalar(select(func.max(col(LeadEvent.id)))) or 0
    assert added > last
    # A change of a list takes leads with newer lines for changed: none may be older than it is.
    assert newest > line + 1
    assert restore(world, deletion)["restored"] == 1


def send(world: World, **more: Any) -> int | None:
    given: dict[str, Any] = {"source": "meta", "player_name": "Anya", "center_id": 1}
    candidate = matching.Candidate(created_time=times.now(), **(given | more))
    with world.db.write() as session:
        return adding.add(session, candidate, "IN").lead_id


def test_an_enquiry_after_the_deletion_is_a_new_lead(world: World) -> None:
    first = send(world, phone="98480 22338")
    deletion = delete(world, first or 0)
    second = send(world, phone="98480 22338")
    assert second not in (None, first)
    # They are a likely pair from now on.
    assert restore(world, deletion) == {"restored": 1, "kept": []}


def test_its_deliveries_stay_and_are_known(world: World) -> None:
    with world.db.write() as session:
        of_lead = deliveries.keep(
            session, "meta", "{}", state="processed", lead_id=ID, leadgen_id="l77"
        )
    deletion = delete(world, ID)
    with world.db.read() as session:
        shown = deliveries.show(session, of_lead)
    assert (shown["state"], shown["lead_id"]) == ("dismissed", None)
    assert (shown["reason"], shown["message"]) == ("lead_deleted", "The lead was deleted")
    restore(world, deletion)
    with world.db.read() as session:
        found = session.get_one(Delivery, of_lead)
        assert (found.state, found.lead_id, found.reason) == ("processed", ID, None)
        assert (found.leadgen_id, found.closed_by) == ("l77", None)


def test_a_lead_that_came_again_by_its_id_is_not_restored(world: World) -> None:
    first = send(world, leadgen_id="l88", phone="98480 22338") or 0
    deletion = delete(world, first, ID)
    second = send(world, leadgen_id="l88", phone="98480 22338")
    assert restore(world, deletion) == {"restored": 1, "kept": [first]}
    with world.db.read() as session:
        assert session.get(Lead, first) is None
        assert session.get_one(Lead, second).leadgen_id == "l88"


def test_the_lead_of_an_undone_import_is_not_restored(world: World, an_import: None) -> None:
    with world.db.write() as session:
        line = session.scalars(select(LeadEvent).where(col(LeadEvent.lead_id) == ID)).first()
        session.add(
            line
            or LeadEvent(lead_id=ID, at=times.now(), kind=EventKind.CREATED, data="{}", import_id=1)
        )
        session.flush()
        for one in session.scalars(select(LeadEvent).where(col(LeadEvent.lead_id) == ID)):
            one.import_id = 1
    deletion = delete(world, ID, LEAD_OF_GACHIBOWLI)
    with world.db.write() as session:
        session.get_one(Import, 1).state = ImportState.UNDONE
    assert restore(world, deletion) == {"restored": 1, "kept": [ID]}


@pytest.mark.parametrize("broken", ["null", "nothing", "day", "name"])
def test_what_was_kept_is_damaged(world: World, broken: str) -> None:
    """All are restored or none, and the lead that can't be is named."""
    deletion = delete(world, ID, LEAD_OF_GACHIBOWLI)
    rows: dict[str, dict[str, Any]] = {
        "null": {"status": None}, "day": {"created_time": {}}, "name": {"player_name": {}},
    }  # fmt: skip
    row = rows.get(broken)
    with world.db.write() as session:
        kept = session.scalars(select(BulkChange)).one()
        first, second = kept.changes
        lead = [second["deleted"]["lead"][0] | row] if row else []
        kept.changes = [first, second | {"deleted": second["deleted"] | {"lead": lead}}]
    with pytest.raises(Conflict, match=f"Lead {LEAD_OF_GACHIBOWLI} can't be restored"):
        restore(world, deletion)
    with world.db.write() as session:
        assert count(session, Lead) == 0
        session.scalars(select(BulkChange)).one().changes = [first, second]
    assert restore(world, deletion)["restored"] == 2


def erase_everyone_with(world: World, phone: str) -> None:
    """Erase a lead with a phone, and finish that."""
    other = send(world, player_name="Uncle", phone=phone)
    settings = settings_for(world.settings.database_url, erasure_at_once=True)
    with world.db.write() as session:
        erasing.erase(session, settings, LEADER, other or 0, at_once=True)


def test_an_erased_person_is_not_restored(world: World) -> None:
    """Neither before the copies were looked for, nor after that; nor are others of the family.

    Nobody could see them when the family asked, so nobody could erase them.
    """
    found = {}
    for phone in ("98480 22338", "98480 22339"):
        found[phone] = delete(world, send(world, phone=phone) or 0, LEAD_OF_GACHIBOWLI)
        erase_everyone_with(world, phone)
        if phone.endswith("9"):
            while finishing.run_next(world.db):
                pass
            with world.db.read() as session:
                texts = [str(one.changes) for one in session.scalars(select(BulkChange))]
            assert not any("22339" in text for text in texts)
            assert "Gachibowli" in texts[-1] or "'id': 2" in texts[-1]
        assert restore(world, found[phone])["restored"] == 1
    with world.db.read() as session:
        assert count(session, LeadPhone) == 0
        numbers = {*session.scalars(select(col(Lead.phone_key)))}
    assert not {"+919848022338", "+919848022339"} & numbers


def test_a_copy_of_someones_data_has_their_deleted_leads(world: World) -> None:
    first = send(world, phone="98480 22338", email="anya@example.com") or 0
    delete(world, first, LEAD_OF_GACHIBOWLI)
    second = send(world, phone="98480 22338") or 0
    copies = person_export.collect(world.db, LEADER, second)["copies"]
    (deleted,) = copies["deleted lead"]
    assert [(one["id"], one["email"]) for one in deleted["lead"]] == [(first, "anya@example.com")]


def test_after_its_time_nothing_is_left(world: World) -> None:
    deletion = delete(world, ID)
    with world.db.write() as session:
        kept = session.get_one(BulkChange, deletion["id"])
        kept.at = times.now() - timedelta(days=world.settings.bulk_change_days + 1)
    while retention.remove(world.db, world.settings):
        pass
    with pytest.raises(ChangeNotFound):
        restore(world, deletion)


def test_an_owner_who_left_does_not_get_it_back(world: World) -> None:
    with world.db.write() as session:
        session.get_one(Lead, ID).owner_id = TEAM_MEMBER.id
    deletion = delete(world, ID)
    with world.db.write() as session:
        session.get_one(User, TEAM_MEMBER.id).disabled = True
    restore(world, deletion)
    with world.db.read() as session:
        assert session.get_one(Lead, ID).owner_id is None


def test_nobody_works_on_a_deleted_lead(world: World) -> None:
    delete(world, ID)
    with world.db.write() as session, pytest.raises(LeadNotFound):
        changes.find(session, LEADER, ID)
    with world.db.read() as session:
        lines = session.scalars(select(LeadEvent).where(col(LeadEvent.lead_id) == ID)).all()
    assert [(line.kind, line.user_id, line.data) for line in lines] == [("deleted", 1, "{}")]


def test_an_account_may_be_gone_by_then(world: World) -> None:
    """A script has deleted the account of the owner, who also wrote comments and edited leads."""
    with world.db.write() as session:
        gone = User(
            email="gone@example.com",
            email_key="gone@example.com",
            full_name="Gone",
            role=Role.TEAM_LEAD,
            hashed_password="x",
        )
        session.add(gone)
        session.flush()
        user_id = gone.id or 0
        lead = session.get_one(Lead, ID)
        lead.owner_id = user_id
        changes.add_comment(session, lead, "Called the mother", user_id, times.now())
        session.add(RecentEdit(lead_id=ID, user_id=user_id, at=times.now(), changes={}, attempts=0))
    deletion = delete(world, ID, LEAD_OF_GACHIBOWLI)
    with world.db.write() as session:
        session.delete(session.get_one(User, user_id))
    assert restore(world, deletion) == {"restored": 2, "kept": []}
    with world.db.read() as session:
        assert session.get_one(Lead, ID).owner_id is None
        (said,) = session.scalars(select(Comment).where(col(Comment.lead_id) == ID))
        assert (said.text, said.user_id) == ("Called the mother", None)
        assert count(session, RecentEdit) == 0
