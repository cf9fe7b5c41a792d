"""A small academy that the tests begin with: two centers, their people, and a lead at each."""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from backend.core import auth, passwords, times
from backend.core.auth import email_key
from backend.core.db import Database
from backend.core.leads import match_keys
from backend.core.lifecycle import migrate, startup
from backend.core.settings import Settings, load
from backend.models import Center, Lead, Role, User, UserCenterLink

SECRET_KEY = "a-key-for-the-tests-and-for-nothing-else"
PASSWORD = "seven hills academy"
# A time that is always still to come, by the academy's clocks.
AHEAD = f"{times.now().year + 1}-01-05T10:00"
EPOCH = datetime(2026, 11, 2, 4, 30, tzinfo=UTC)

# Centers: 1 is Tellapur, 2 is Gachibowli. Leads: 1 is Tellapur's, 2 is Gachibowli's.
TELLAPUR, GACHIBOWLI = 1, 2
LEAD_OF_TELLAPUR, LEAD_OF_GACHIBOWLI = 1, 2

# The people: email, role, centers, disabled. The first is the admin, who has the id 1.
PEOPLE: dict[str, tuple[str, tuple[int, ...], bool]] = {
    "lead@tofa.example": (Role.TEAM_LEAD, (), False),
    "tellapur@tofa.example": (Role.TEAM_MEMBER, (TELLAPUR,), False),
    "gachibowli@tofa.example": (Role.TEAM_MEMBER, (GACHIBOWLI,), False),
    "observer@tofa.example": (Role.OBSERVER, (TELLAPUR,), False),
    "gone@tofa.example": (Role.TEAM_LEAD, (), True),
}
LEAD, MEMBER, OTHER_MEMBER, OBSERVER, DISABLED = PEOPLE


def settings_for(database_url: str, **given: object) -> Settings:
    """Settings of a test: a database, a known key, and limits that no test meets by chance."""
    defaults: dict[str, object] = {
        "secret_key": SECRET_KEY,
        "admin_email": LEAD,
        "admin_password": PASSWORD,
        "login_failures_per_minute": 100_000,
        "webhook_per_minute": 100_000,
        "webhook_open": True,
        # A test does the work itself, where it asks for any.
        "background_work": False,
    }
    return load(database_url=database_url, **(defaults | given))


def make_tables(database_url: str) -> None:
    """Gives an empty database today's tables."""
    settings = settings_for(database_url)
    with closing(Database(settings.url)) as db:
        migrate.upgrade(db, settings)


def build(database_url: str) -> None:
    """Fills an empty database with the academy."""
    settings = settings_for(database_url)
    db = Database(settings.url)
    startup.prepare(db, settings)
    hashed = passwords.hash(PASSWORD)
    with db.write() as session:
        for number, name in enumerate(("Tellapur", "Gachibowli"), 1):
            tag = f"TOFA {name}"
            session.add(Center(id=number, display_name=name, meta_tag_name=tag, city="Hyderabad"))
        session.flush()
        for number, (email, (role, centers, disabled)) in enumerate(PEOPLE.items(), 1):
            if number > 1:
                session.add(
                    User(
                        email=email,
                        email_key=email_key(email),
                        hashed_password=hashed,
                        full_name=email.partition("@")[0].title(),
                        role=role,
                        disabled=disabled,
                    )
                )
            session.flush()
            session.add_all(UserCenterLink(user_id=number, center_id=id) for id in centers)
        for center, name in ((TELLAPUR, "Zoë Khan"), (GACHIBOWLI, "Arjun Rao")):
            session.add(
                Lead(
                    created_time=EPOCH,
                    player_name=name,
                    player_age_category="U9",
                    phone=f"+9198480000{center:02}",
                    phone_key=f"+9198480000{center:02}",
                    name_key=match_keys.name_key(name),
                    email_key=f"parent{center}@example.com",
                    email=f"parent{center}@example.com",
                    address="1 Lake Road, 502020",
                    center_id=center,
                )
            )
            session.flush()
        if db.engine.name == "postgresql":
            session.connection().exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('center', 'id'), 2)"
            )
    db.close()


@dataclass(frozen=True, slots=True)
class World:
    """The academy in one database."""

    settings: Settings
    db: Database

    def token(self, email: str) -> str:
        """A token as signing in would give it."""
        with self.db.read() as session:
            user = auth.find(session, email)
        assert user is not None
        return auth.issue_token(self.settings, user.email, user.role, user.token_version)
