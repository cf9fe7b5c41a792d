"""The functions for scripts: their parameters, and that they follow the API's rules."""

import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, SQLModel, col

from backend import models
from backend.core import auth, centers, db, installation, leads, users
from backend.core.access import Person
from backend.core.database import json_columns
from backend.core.errors import (
    BadRequest,
    EmailTaken,
    Forbidden,
    Invalid,
    LeadNotFound,
    UserNotFound,
)
from backend.core.leads import assignment_rules
from backend.models import Center, Comment, Lead, LeadEvent, Moment, Status, User
from backend.schemas.assignment import NewRule
from tests.waiting import PATIENCE
from tests.world import (
    DISABLED,
    EPOCH,
    GACHIBOWLI,
    LEAD,
    LEAD_OF_GACHIBOWLI,
    LEAD_OF_TELLAPUR,
    MEMBER,
    OBSERVER,
    PASSWORD,
    SECRET_KEY,
    TELLAPUR,
    World,
)

ROOT = Path(__file__).resolve().parents[1]

SIGNATURES = {
    "auth.verify_password": "(plain, hashed)",
    "auth.get_password_hash": "(password)",
    "auth.create_access_token": "(data, expires_delta=None)",
    "auth.decode_access_token": "(token)",
    "auth.get_user_email_from_token": "(token)",
    "db.get_session": "()",
    "db.get_session_sync": "()",
    "db.create_db_and_tables": "()",
    "users.get_user_by_email": "(db, email)",
    "users.get_user_by_id": "(db, user_id)",
    "users.get_all_users": "(db)",
    "users.create_user": "(db, email, password, full_name, role, center_ids)",
    "users.verify_user_credentials": "(db, email, password)",
    "centers.get_all_centers": "(db)",
    "centers.get_center_by_id": "(db, center_id)",
    "centers.get_center_by_meta_tag": "(db, meta_tag)",
    "centers.create_center": "(db, display_name, meta_tag_name, city, location='')",
    "leads.get_leads_for_user": "(db, user)",
    "leads.get_lead_by_id": "(db, lead_id)",
    "leads.update_lead": "(db, lead_id, status, next_date=None, comment=None, user_id=None)",
    "leads.create_lead_from_meta": "(db, phone, name, email, center_tag, age_category, address)",
    "leads.import_leads_from_dataframe": "(db, df, meta_col)",
}


@pytest.mark.parametrize(("name", "expected"), SIGNATURES.items())
def test_the_parameters(name: str, expected: str) -> None:
    module, _, function = name.partition(".")
    found = getattr(importlib.import_module(f"backend.core.{module}"), function)
    signature = inspect.signature(found)
    bare = [
        one.replace(annotation=inspect.Parameter.empty) for one in signature.parameters.values()
    ]
    shown = signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)
    assert str(shown) == expected
    assert inspect.getdoc(found)


@pytest.fixture
def session(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A script's session."""
    installation.forget()
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("DATABASE_URL", world.settings.database_url)
    with db.get_session_sync() as session:
        yield session
    installation.forget()


def events(session: Session, lead: Lead) -> list[tuple[str, int | None]]:
    query = select(LeadEvent).where(col(LeadEvent.lead_id) == lead.id).order_by(col(LeadEvent.id))
    return [(event.kind, event.user_id) for event in session.scalars(query)]


def member(session: Session, email: str = MEMBER) -> User:
    found = users.get_user_by_email(session, email)
    assert found is not None
    return found


# --- core.auth, core.db ---


def test_tokens(session: Session) -> None:
    token = auth.create_access_token({"sub": MEMBER, "center": "kept"})
    claims = auth.decode_access_token(token)
    assert claims is not None
    assert claims["center"] == "kept"
    assert auth.get_user_email_from_token(token) == MEMBER
    for bad in ("", "é", token[:-4], auth.create_access_token({"sub": MEMBER, "exp": 1})[1:]):
        assert auth.decode_access_token(bad) is None
        assert auth.get_user_email_from_token(bad) is None
    assert auth.decode_access_token(None) is None
    assert auth.get_user_email_from_token(None) is None


def test_the_engine_and_the_address(session: Session, world: World) -> None:
    assert str(session.get_bind().engine.url) == str(db.engine.url)
    assert world.settings.url.render_as_string(hide_password=False) == db.DATABASE_URL
    with Session(db.engine) as own:
        assert len(users.get_all_users(own)) == 5


# --- core.users ---


def test_users(session: Session) -> None:
    found = users.get_all_users(session)
    assert [user.id for user in found] == [1, 2, 3, 4, 5]
    assert users.get_user_by_id(session, 2) is member(session, MEMBER.upper())
    assert users.get_user_by_id(session, 99) is None
    assert users.get_user_by_id(session, None) is None
    # What a script prints is kept in logs.
    assert "argon2" not in repr(found)
    assert users.get_user_by_email(session, "nobody@tofa.example") is None
    assert users.get_user_by_email(session, None) is None


def test_create_user(session: Session) -> None:
    made = users.create_user(
        session, "New@tofa.example", "nine green hills", "New", "team_member", [TELLAPUR]
    )
    assert (made.email_key, made.role) == ("new@tofa.example", "team_member")
    assert [center.id for center in made.centers] == [TELLAPUR]
    assert users.verify_user_credentials(session, "new@tofa.example", "nine green hills") is made
    with Session(db.engine) as other:
        assert users.get_user_by_email(other, "new@tofa.example") is not None


def test_no_centers_may_be_none(session: Session) -> None:
    made = users.create_user(session, "x@tofa.example", "nine green hills", "X", "team_lead", None)
    assert made.centers == []


def test_create_user_errors(session: Session) -> None:
    def make(
        email: str = "x@tofa.example", password: str = "nine green hills", **given: Any
    ) -> None:
        given = {"full_name": "X", "role": "observer", "center_ids": []} | given
        users.create_user(session, email, password, **given)

    with pytest.raises(EmailTaken):
        make(MEMBER.upper())
    with pytest.raises(Invalid, match="at least 8"):
        make(password="short")
    with pytest.raises(Invalid):
        make(role="king")
    with pytest.raises(Invalid, match="99"):
        make(center_ids=[99])
    assert len(users.get_all_users(session)) == 5


def test_credentials(session: Session) -> None:
    assert users.verify_user_credentials(session, MEMBER, PASSWORD) is member(session)
    assert users.verify_user_credentials(session, MEMBER, "another") is None
    assert users.verify_user_credentials(session, DISABLED, PASSWORD) is None
    assert users.verify_user_credentials(session, "nobody@tofa.example", PASSWORD) is None
    assert users.verify_user_credentials(session, None, None) is None
    assert users.verify_user_credentials(session, MEMBER, None) is None


def test_an_outdated_hash_is_replaced(session: Session) -> None:
    user = member(session)
    # passlib's hash of "secret".
    user.hashed_password = "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW"
    session.commit()
    assert users.verify_user_credentials(session, MEMBER, "secret") is user
    assert user.hashed_password.startswith("$argon2id$")


# --- core.centers ---


def test_centers(session: Session) -> None:
    tellapur = centers.get_center_by_id(session, TELLAPUR)
    assert tellapur is not None
    assert centers.get_center_by_meta_tag(session, " tofa  TELLAPUR ") is tellapur
    assert centers.get_center_by_meta_tag(session, "nowhere") is None
    assert centers.get_center_by_meta_tag(session, None) is None
    made = centers.create_center(session, "Kondapur", "TOFA Kondapur", "Hyderabad")
    assert made.location == ""
    assert [center.id for center in centers.get_all_centers(session)] == [1, 2, made.id]
    with pytest.raises(centers.CenterTaken):
        centers.create_center(session, "Another", "TOFA Kondapur", "Hyderabad")
    with pytest.raises(Invalid):
        centers.create_center(session, "", "TOFA X", "Hyderabad")
    assert len(centers.get_all_centers(session)) == 3


# --- core.leads ---


def test_visible_leads(session: Session) -> None:
    def seen(who: User | Person) -> list[int | None]:
        return [lead.id for lead in leads.get_leads_for_user(session, who)]

    assert seen(member(session, LEAD)) == [LEAD_OF_TELLAPUR, LEAD_OF_GACHIBOWLI]
    assert seen(member(session)) == [LEAD_OF_TELLAPUR]
    assert seen(auth.person_of(session, member(session, OBSERVER))) == [LEAD_OF_TELLAPUR]
    assert leads.get_lead_by_id(session, 99) is None
    assert leads.get_lead_by_id(session, None) is None


@pytest.mark.parametrize(
    "given",
    ["2026-12-05", date(2026, 12, 5), datetime(2026, 12, 5), "2026-12-04T18:30:00Z"],  # noqa: DTZ001
)
def test_update_lead(session: Session, given: date | str) -> None:
    by = member(session).id
    lead = leads.update_lead(session, LEAD_OF_TELLAPUR, "Called", given, "On Saturday", by)
    assert lead is leads.get_lead_by_id(session, LEAD_OF_TELLAPUR)
    assert lead.status == Status.CALLED
    assert lead.next_followup_date == datetime(2026, 12, 4, 18, 30, tzinfo=UTC)
    assert [(comment.text, comment.user_id) for comment in lead.comments] == [("On Saturday", by)]
    assert events(session, lead) == [("status", by), ("follow_up", by), ("comment", by)]


def test_update_lead_without_a_user(session: Session) -> None:
    lead = leads.update_lead(session, LEAD_OF_GACHIBOWLI, "Joined")
    assert (lead.status, events(session, lead)) == ("Joined", [("status", None)])


def test_update_lead_errors(session: Session) -> None:
    def update(lead_id: int, status: str = "Called", email: str | None = None) -> None:
        by = member(session, email).id if email else None
        leads.update_lead(session, lead_id, status, user_id=by)

    with pytest.raises(LeadNotFound):
        update(99)
    with pytest.raises(LeadNotFound):
        update(LEAD_OF_GACHIBOWLI, email=MEMBER)
    with pytest.raises(Forbidden):
        update(LEAD_OF_TELLAPUR, email=OBSERVER)
    with pytest.raises(UserNotFound):
        update(LEAD_OF_TELLAPUR, email=DISABLED)
    with pytest.raises(Invalid):
        update(LEAD_OF_TELLAPUR, "Sleeping")
    assert {lead.status for lead in session.scalars(select(Lead))} == {"New"}


def test_changes_by_others_are_seen(session: Session, world: World) -> None:
    assert leads.get_lead_by_id(session, LEAD_OF_TELLAPUR).status == "New"  # type: ignore[union-attr]
    with world.db.write() as other:
        other.get_one(Lead, LEAD_OF_TELLAPUR).status = "Called"
    lead = leads.update_lead(session, LEAD_OF_TELLAPUR, "New")
    (event,) = session.scalars(select(LeadEvent))
    assert lead.status == "New"
    assert event.data == json_columns.encode({"from": "Called", "to": "New"})


def test_create_lead_from_meta(session: Session) -> None:
    def create(phone: str, name: str, center: str = "tofa gachibowli") -> Lead:
        return leads.create_lead_from_meta(session, phone, name, None, center, "U9", "1 Road")

    lead = create("98480 12345", "Dev")
    assert (lead.center_id, lead.source, lead.phone_key) == (
        GACHIBOWLI, "webhook", "+919848012345",
    )  # fmt: skip
    assert create("+91 98480 12345", "dev", "TOFA Tellapur") is lead
    assert [kind for kind, _ in events(session, lead)] == ["created", "repeat_enquiry"]
    with pytest.raises(BadRequest, match="Center 'Nowhere' not found"):
        create("98480 12346", "Dev", "Nowhere")
    with pytest.raises(BadRequest, match="Phone number is required"):
        create("", "Dev")
    assert len(leads.get_leads_for_user(session, member(session, LEAD))) == 3


class NA:
    """Like pandas' NA: comparing it gives no boolean."""

    def __ne__(self, _other: object) -> "NA":  # type: ignore[override]
        return self

    def __bool__(self) -> bool:
        raise TypeError

    __hash__ = object.__hash__


class Timestamp(datetime):
    """Like pandas' Timestamp."""

    def to_pydatetime(self, warn: bool = True) -> datetime:
        assert not warn
        return datetime(self.year, self.month, self.day, self.hour, tzinfo=self.tzinfo)


class NaT(datetime):
    """Like pandas' NaT: a datetime that isn't equal to itself."""

    def __ne__(self, _other: object) -> bool:
        return True

    __hash__ = object.__hash__


@dataclass
class Frame:
    """The part of a DataFrame that is used."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def itertuples(self, index: bool = True, name: str | None = "Pandas") -> Iterable[Any]:
        assert (index, name) == (False, None)
        return iter(self.rows)


HEADER = ["Where", "created_time", "full_name", "phone", "email"]


def test_leads_of_scripts_are_assigned_by_rule(session: Session, world: World) -> None:
    with world.db.write() as other:
        other.add(models.CallingRules(place=0, week=[[["00:00", "23:59"]]] * 7))
        rule = NewRule.model_validate({"shares": [{"user_id": 2}]})
        assignment_rules.add(other, Person(1, LEAD, "team_lead"), rule)
    lead = leads.create_lead_from_meta(
        session, "9848012345", "One", None, "TOFA Tellapur", None, None
    )
    assert lead.owner_id == 2
    table = Frame(HEADER, [("TOFA Tellapur", None, "Two", "9848012346", None)])
    assert leads.import_leads_from_dataframe(session, table, "Where") == (1, [])
    *_, two = leads.get_leads_for_user(session, member(session, LEAD))
    assert two.owner_id == 2


def test_import_a_table(session: Session) -> None:
    nan = float("nan")
    table = Frame(
        HEADER,
        [
            ("TOFA Tellapur", Timestamp(2026, 11, 3, 10), "One", 9848012345.0, nan),
            ("tofa gachibowli", "03/11/2026 4:30 PM", "Two", "98480 12346", None),
            ("TOFA Tellapur", NaT(2026, 1, 1), NA(), nan, "three@example.com"),
            (nan, None, NA(), nan, None),
        ],
    )
    assert leads.import_leads_from_dataframe(session, table, "Where") == (3, [])
    *_, one, two, three = leads.get_leads_for_user(session, member(session, LEAD))
    assert (one.phone, one.email, one.source) == ("9848012345", None, "upload")
    assert one.created_time == datetime(2026, 11, 3, 4, 30, tzinfo=UTC)
    assert two.created_time == datetime(2026, 11, 3, 11, 0, tzinfo=UTC)
    assert (three.player_name, three.phone, three.email) == (None, None, "three@example.com")
    assert [kind for kind, _ in events(session, one)] == ["created"]
    assert leads.import_leads_from_dataframe(session, table, "Where")[0] == 0


def test_import_a_table_with_an_unknown_center(session: Session) -> None:
    rows = [("TOFA Tellapur", None, "One", "1234567", None), ("Moon", None, "Two", "1234568", None)]
    table = Frame(HEADER, rows)
    assert leads.import_leads_from_dataframe(session, table, "Where") == (0, ["Moon"])
    with pytest.raises(BadRequest, match="no column 'There'"):
        leads.import_leads_from_dataframe(session, table, "There")
    assert len(leads.get_leads_for_user(session, member(session, LEAD))) == 2


# --- sessions ---


def rename(world: World, name: str) -> None:
    with world.db.write() as session:
        session.get_one(Center, TELLAPUR).display_name = name


def test_an_idle_session_does_not_block_writers(session: Session, world: World) -> None:
    center = centers.get_center_by_id(session, TELLAPUR)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(rename, world, "Renamed").result(PATIENCE)
        # The script can still write, although it has read before.
        session.get_one(Center, GACHIBOWLI).city = "Pune"
        session.commit()
        assert center is not None
        assert center.display_name == "Renamed"
        pool.submit(rename, world, "Again").result(PATIENCE)


def test_writes_can_be_rolled_back(session: Session) -> None:
    session.execute(text("UPDATE center SET city = 'Pune'"))
    session.add(Center(display_name="X", meta_tag_name="X", city="X"))
    session.flush()
    session.rollback()
    assert {center.city for center in centers.get_all_centers(session)} == {"Hyderabad"}


def test_two_writers(session: Session, world: World) -> None:
    def comment(number: int) -> None:
        with db.get_session_sync() as own:
            own.get(Lead, LEAD_OF_TELLAPUR)
            leads.update_lead(own, LEAD_OF_TELLAPUR, "Called", comment=f"Note {number}")

    def write(number: int) -> None:
        rename(world, f"Name {number}")

    with ThreadPoolExecutor(4) as pool:
        ran = [pool.submit(one, number) for number in range(10) for one in (comment, write)]
        for one in ran:
            one.result(PATIENCE)
    lead = leads.get_lead_by_id(session, LEAD_OF_TELLAPUR)
    assert lead is not None
    assert len(lead.comments) == 10
    assert [kind for kind, _ in events(session, lead)].count("status") == 1


def test_a_pool_of_one(session: Session, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    installation.forget()
    monkeypatch.setenv("DB_POOL_SIZE", "1")
    with db.get_session_sync() as own:
        assert centers.get_center_by_id(own, TELLAPUR) is not None
        assert centers.create_center(own, "Kondapur", "TOFA Kondapur", "Hyderabad").id
        table = Frame(HEADER, [("TOFA Tellapur", None, "One", "98480 12345", None)])
        assert leads.import_leads_from_dataframe(own, table, "Where") == (1, [])


# --- models ---


def test_relationships(session: Session) -> None:
    by = member(session)
    lead = leads.update_lead(session, LEAD_OF_TELLAPUR, "Called", None, "Noted", by.id)
    tellapur = session.get_one(Center, TELLAPUR)
    (comment,) = lead.comments
    assert lead.center is tellapur
    assert tellapur.leads == [lead]
    assert by in tellapur.users
    assert by.centers == [tellapur]
    assert by.comments == [comment]
    assert (comment.lead, comment.user) == (lead, by)


def test_related_rows_are_added(session: Session) -> None:
    tellapur = session.get_one(Center, TELLAPUR)
    # Without its key, which the table fills in.
    user = User(  # type: ignore[call-arg]
        email="X@tofa.example", hashed_password="", full_name="X", role="observer"
    )
    user.centers = [tellapur]
    lead = Lead(created_time=EPOCH, center=tellapur)
    session.add(user)
    session.add(Comment(text="Hello", lead=lead, user=user))
    session.commit()
    assert user.email_key == "x@tofa.example"
    assert [one.lead_id for one in user.comments] == [lead.id]


def test_a_time_without_an_offset_is_in_the_settings_zone(session: Session) -> None:
    naive = datetime(2026, 12, 5, 16, 30)  # noqa: DTZ001
    lead = session.get_one(Lead, LEAD_OF_TELLAPUR)
    lead.next_followup_date = naive
    session.commit()
    assert lead.next_followup_date == datetime(2026, 12, 5, 11, 0, tzinfo=UTC)
    assert lead.next_followup_date.tzinfo == UTC
    found = select(Lead).where(col(Lead.next_followup_date) == naive)
    assert list(session.scalars(found)) == [lead]


def test_a_date_is_midnight_in_the_settings_zone(session: Session) -> None:
    lead = session.get_one(Lead, LEAD_OF_TELLAPUR)
    lead.next_followup_date = date(2026, 12, 5)  # type: ignore[assignment]
    session.commit()
    assert lead.next_followup_date == datetime(2026, 12, 4, 18, 30, tzinfo=UTC)


def test_every_time_column_is_a_moment() -> None:
    assert issubclass(models.Lead, SQLModel)
    kinds = {
        type(column.type)
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if "DATETIME" in str(column.type).upper()
    }
    assert kinds == {Moment}


# --- whole scripts ---

IMPORTS = """
from backend.core.auth import (
    create_access_token, decode_access_token, get_password_hash, get_user_email_from_token,
    verify_password,
)
from backend.core.db import get_session, get_session_sync, create_db_and_tables
from backend.core.users import (
    create_user, get_all_users, get_user_by_email, get_user_by_id, verify_user_credentials,
)
from backend.core.centers import (
    create_center, get_all_centers, get_center_by_id, get_center_by_meta_tag,
)
from backend.core.leads import (
    create_lead_from_meta, get_lead_by_id, get_leads_for_user, import_leads_from_dataframe,
    update_lead,
)
from backend.models import Center, Comment, Lead, User, UserCenterLink
from backend.schemas.users import UserCreateSchema
"""

# An app of the script's own, which has nothing of ours but who is signed in.
OWN_APP = """
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from backend.core.auth import create_access_token
from backend.core.db import create_db_and_tables, get_session, get_session_sync
from backend.core.leads import get_leads_for_user
from backend.core.users import create_user
from backend.fastapi_app import get_current_user

create_db_and_tables()
with get_session_sync() as db:
    create_user(db, "asha@tofa.example", "nine green hills", "Asha Rao", "team_lead", [])
mine = FastAPI()

@mine.get("/")
def hello(user=Depends(get_current_user), db=Depends(get_session)):
    return [user.email, user.full_name, user.role, len(get_leads_for_user(db, user))]

client = TestClient(mine)
token = create_access_token({"sub": "asha@tofa.example"})
answer = client.get("/", headers={"Authorization": f"Bearer {token}"})
assert answer.json() == ["asha@tofa.example", "Asha Rao", "team_lead", 0], answer.text
assert client.get("/").status_code == 401
"""

OLD = """
from backend.fastapi_app import app, get_current_user
from backend.core.db import DATABASE_URL, engine
from backend.auth import (
    ACCESS_TOKEN_EXPIRE_MINUTES, ALGORITHM, SECRET_KEY, create_access_token,
    get_current_user as the_same, get_password_hash, oauth2_scheme, pwd_context, verify_password,
)
from backend.database import DATABASE_URL as url, create_db_and_tables, engine, get_session
assert the_same is get_current_user
assert url == DATABASE_URL
assert pwd_context.verify("a b c d", pwd_context.hash("a b c d"))
UserCreateSchema(email="a@b.example", password="x", full_name="A", role="observer", center_ids=[])
"""


def run(code: str, **environment: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.slow
def test_imports_read_no_settings() -> None:
    run(IMPORTS, ALGORITHM="none")


@pytest.mark.slow
def test_deprecated_imports(tmp_path: Path) -> None:
    run(IMPORTS + OLD, DATABASE_URL=f"sqlite:///{tmp_path / 'tofa.db'}")


@pytest.mark.slow
def test_who_is_signed_in_to_an_app_of_its_own(tmp_path: Path) -> None:
    run(OWN_APP, DATABASE_URL=f"sqlite:///{tmp_path / 'tofa.db'}")


@pytest.mark.slow
def test_the_example_in_the_docs(database_url: str) -> None:
    page = (ROOT / "docs" / "scripts.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    given = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY, "ADMIN_PASSWORD": PASSWORD}
    assert run(code, **given) == "Dev Nair Kondapur ['Comes on Saturday']\n"


def test_every_function_is_documented() -> None:
    page = (ROOT / "docs" / "scripts.md").read_text(encoding="utf-8")
    for name, signature in SIGNATURES.items():
        called = f"`{name.partition('.')[2]}{signature}`".replace("''", '""')
        assert called in page, name


KEYS_AND_DELETION = """
from backend.core.db import create_db_and_tables, get_session_sync
from backend.models import (
    AliasedLead, Comment, Consent, Lead, LeadEvent, LeadOrigin, LeadPhone,
)
from datetime import datetime
from sqlmodel import select

create_db_and_tables()
with get_session_sync() as db:
    lead = Lead(
        created_time=datetime(2026, 11, 1), player_name="Zoe Khan", email="Zoe@x.example",
        phone="020 7946 0018 ext. 3 / 020 7946 0019",
    )
    unread = Lead(created_time=datetime(2026, 11, 1), player_name="test", phone="12345")
    given = Lead(created_time=datetime(2026, 11, 1), phone="x", phone_key="+919848022338")
    db.add_all((lead, unread, given))
    db.commit()
    print(lead.phone_key, lead.phone_extension, lead.name_key, lead.email_key)
    print(unread.phone_key, unread.phone_issue, repr(unread.name_key), given.phone_key)
    print([one.phone_key for one in db.exec(select(LeadPhone))])
    db.add(Comment(text="Rang", lead_id=lead.id))
    db.add(LeadEvent(lead_id=lead.id, at=datetime(2026, 11, 1), kind="created", data="{}"))
    db.add(LeadOrigin(lead_id=lead.id, answers={}))
    at = datetime(2026, 11, 1)
    db.add(Consent(lead_id=lead.id, key="offers", granted=True, source="meta", at=at))
    db.add(AliasedLead(lead_id=lead.id, alias_key="x"))
    db.commit()
    print(len(lead.comments))
    lead.player_name, lead.email = "Ana Roy", "A@x.example"
    lead.phone = "020 7946 0020 / 020 7946 0021"
    db.commit()
    print(lead.phone_key, lead.name_key, lead.email_key, lead.search_indexed)
    own = select(LeadPhone.phone_key).where(LeadPhone.lead_id == lead.id)
    print(sorted(db.exec(own)))
    db.delete(lead)
    db.commit()
    print([len(db.exec(select(table)).all())
           for table in (Comment, LeadEvent, LeadOrigin, LeadPhone, Lead)])
    print([len(db.exec(select(table)).all()) for table in (Consent, AliasedLead)])
"""


@pytest.mark.slow
def test_a_lead_that_a_script_adds_and_deletes(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DATABASE_URL=sqlite:///{tmp_path}/x.db\nPHONE_REGION=GB\n")
    printed = subprocess.run(
        [sys.executable, "-c", KEYS_AND_DELETION],
        env=os.environ | {"TOFA_ENV_FILE": str(tmp_path / ".env"), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    assert printed[-8:] == [
        "+442079460018 3 zoe khan zoe@x.example",
        "None too_short '' +919848022338",
        "['+442079460019']",
        "1",
        "+442079460020 ana roy a@x.example False",
        "['+442079460021']",
        "[0, 0, 0, 0, 2]",
        "[0, 0]",
    ]
