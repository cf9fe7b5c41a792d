"""The data for benchmarks: an academy with ten centers, and a spreadsheet of any length."""

import csv
import io
import random
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from sqlalchemy import select, update
from sqlmodel import col

from backend.core import auth, passwords, users
from backend.core.access import Person
from backend.core.db import Database
from backend.core.imports.upload import upload
from backend.core.lifecycle import startup
from backend.core.settings import Settings, load
from backend.models import Center, Lead, Role, Status, User
from backend.schemas.users import NewUser

EMAIL = "lead@tofa.example"
PASSWORD = "seven hills academy"
SECRET_KEY = "a-key-for-the-benchmarks-and-nothing-else"
TOWNS = (
    *("Tellapur", "Gachibowli", "Kondapur", "Miyapur", "Kukatpally"),
    *("Attapur", "Uppal", "Nallagandla", "Manikonda", "Kompally"),
)
HEADER = (
    *("created_time", "player_name", "player_age_category", "phone", "email"),
    *("address_and_pincode", "_which_is_the_nearest_tofa_center_to_you?"),
)
_FIRST_NAMES = ("Arjun", "Zoë", "Ananya", "Kabir", "Ishaan", "Meera", "Rohan", "Diya", "Vihaan")
_LAST_NAMES = ("Rao", "Reddy", "Khan", "Sharma", "Naidu", "Iyer", "D’Souza", "Gupta", "Chowdary")
_STREETS = ("Lake Road", "Temple Street", "Old Mumbai Highway", "Osman Nagar", "Green Meadows")
_NEWEST = datetime(2026, 11, 2, 4, 30, tzinfo=UTC)


def environment(url: str) -> dict[str, str]:
    """Return the settings as environment variables."""
    return {
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET_KEY,
        "ADMIN_EMAIL": EMAIL,
        "ADMIN_PASSWORD": PASSWORD,
        "LOGIN_FAILURES_PER_MINUTE": "100000",
        # One that tests a token sets it.
        "WEBHOOK_OPEN": "true",
    }


def settings_for(url: str) -> Settings:
    return load(**{name.lower(): value for name, value in environment(url).items()})


@dataclass(frozen=True, slots=True)
class Academy:
    """The address of the academy's database, and what a client needs to use it."""

    url: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def build(url: str, leads: int = 0) -> Academy:
    """Fill a database without rows, and without tables if need be.

    Two thirds of the leads are called; half of these follow up.
    """
    settings = settings_for(url)
    db = Database(settings.url)
    startup.prepare(db, settings)
    with db.write() as session:
        for town in TOWNS:
            tag = f"TOFA {town}"
            session.add(Center(display_name=town, meta_tag_name=tag, city="Hyderabad"))
    with db.read() as session:
        found = auth.find(session, EMAIL)
    assert found is not None
    if leads:
        upload(db, settings, _person(found), "leads.csv", spreadsheet(leads))
        with db.write() as session:
            ids = session.scalars(select(col(Lead.id)).order_by(col(Lead.id))).all()
            for number, values in (
                (1, {"status": Status.CALLED}),
                (2, {"status": Status.TRIAL_SCHEDULED, "next_followup_date": _NEWEST}),
            ):
                chosen = update(Lead).where(col(Lead.id) % 3 == number).values(**values)
                session.connection().execute(chosen)
            assert len(ids) == leads
    db.close()
    token = auth.issue_token(settings, found.email, found.role, found.token_version)
    return Academy(url, token)


def add_member(url: str, email: str, centers: int) -> dict[str, str]:
    """Add a member of so many centers. Return the headers with which they are signed in."""
    settings = settings_for(url)
    with closing(Database(settings.url)) as db, db.write() as session:
        ids = session.scalars(select(col(Center.id)).order_by(col(Center.id)).limit(centers))
        made = NewUser(
            email=email,
            password=PASSWORD,
            full_name="Member",
            role=Role.TEAM_MEMBER,
            center_ids=[id for id in ids if id is not None],
        )
        users.create(session, made, passwords.hash(made.password))
    return {"Authorization": f"Bearer {auth.issue_token(settings, email, Role.TEAM_MEMBER, 0)}"}


def spreadsheet(rows: int, first: int = 0) -> bytes:
    """Return a CSV like those the academy shares, always with the same bytes.

    `first` is the number of the first child. Each number has its own phone.
    """
    chance = random.Random(7)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for number in range(first, first + rows):
        given, last = chance.choice(_FIRST_NAMES), chance.choice(_LAST_NAMES)
        created = _NEWEST - timedelta(seconds=chance.randrange(40_000_000))
        writer.writerow(
            (
                created.isoformat(),
                f"{given} {last}",
                f"U{chance.randrange(7, 18, 2)}",
                f"+91{7_000_000_000 + number * 31 + chance.randrange(31)}",
                f"{given}.{number}@example.com".lower(),
                f"{chance.randrange(1, 400)}, {chance.choice(_STREETS)}, 5000{number % 90 + 10}",
                f"TOFA {chance.choice(TOWNS)}",
            )
        )
    return text.getvalue().encode()


def flat_lead(number: int) -> bytes:
    """Return a lead as a form sends it to the flat webhook. Each number is another child."""
    return orjson.dumps(
        {
            "full_name": f"Asha Menon {number}",
            "phone_number": f"+91{9_000_000_000 + number}",
            "email_address": f"asha.{number}@example.com",
            "nearest_center": f"TOFA {TOWNS[number % len(TOWNS)]}",
            "player_age_category": "U11",
            "address_and_pincode": "12, Lake Road, 500032",
        }
    )


def form(filename: str, content: bytes) -> tuple[bytes, dict[str, str]]:
    """Return the body and headers of a form with one file."""
    head = (
        '--frontier\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{filename}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    )
    body = head.encode() + content + b"\r\n--frontier--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=frontier"}


def _person(user: User) -> Person:
    assert user.id is not None
    assert user.role == Role.TEAM_LEAD
    return Person(user.id, user.email, user.role)
