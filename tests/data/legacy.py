"""A database as installations have it today, from before there were migrations.

It is made with plain SQL, as older releases of SQLModel made the tables, and filled with rows in
every form that years of hand work leave behind. Passwords are hashed by passlib 1.7.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any

import psycopg

# id, email, password, its hash, role
PEOPLE: Sequence[tuple[int, str, str, str, str]] = (
    (
        1,
        "admin@tofa.com",
        "admin123",
        "$2b$12$ZH6DxY318v6WlTA3e7mNeeRSWCfZ9/p11zQI3TvDhOmzn4R3peg/e",
        "team_lead",
    ),
    (
        2,
        "Coach@tofa.example",
        "Tofa@2024",
        "$2b$04$Kst4UMmquPM5Rt1vtkfndOZYfECwb1VZzk3tKtVLMdx3.8c/07kIW",
        "team_member",
    ),
    (
        3,
        "coach@TOFA.example",
        "short",
        "$2b$04$lEs1hwfOt1G7QW788H5DF.HBu0GGpuqWpdcYtVWmhU89xVHfvXmzi",
        "observer",
    ),
    (
        7,
        " spaces@tofa.example ",
        "Tofa@2024",
        "$2a$04$TBjWmfYTo5nrBtjs7TjFm.fHKs8N7MXb1/ynhPiedk4PcqXG8HlTO",
        "Team Lead",
    ),
    (
        8,
        "from-php@tofa.example",
        "Tofa@2024",
        "$2y$04$9Wpv3zZPDsfP4kTvZD7yp.kntYsoeG7DH5SgWujxa/F9WRtvhJOfy",
        "",
    ),
    (
        9,
        "zoë@tofa.example",
        "पासवर्ड 2024",
        "$2b$04$8RxMyiHJi3owwQE1PYFNKeGddSZdLm6XETz2cSqBS8nNB56xcNZgW",
        "team_lead",
    ),
    (
        12,
        "long@tofa.example",
        "a long passphrase that goes on and on beyond the seventy-two bytes that bcrypt reads",
        "$2b$04$PQoGK1ZOVhpxNld6sIdz3.jv8mGjK4/qXpthQtZydSH4eu7tIQt06",
        "team_member",
    ),
)
CENTERS = (
    (1, "Tellapur", "TOFA Tellapur", "Hyderabad", "https://maps.example/?q=1"),
    (2, "Gachibowli", "tofa_gachibowli ", "", ""),
    (5, "Zoë's; 'DROP", "टोफा कोंडापुर", "Hyderabad", "\n"),
)
LINKS = ((2, 1), (2, 2), (3, 1), (12, 5))
LEAD_FIELDS = (
    "id", "created_time", "player_name", "player_age_category", "phone", "email", "address",
    "status", "next_followup_date", "center_id",
)  # fmt: skip
LEADS: Sequence[tuple[Any, ...]] = (
    (1, "2025-01-31 00:00:00.000000", "Arjun", "U9", "+919848012345", "a@example.com", "1 Road",
     "New", None, 1),
    (2, "2025-02-28 23:59:59.999999", "Arjun", "U9", "9848012345.0", "", "",
     "Called", "2025-03-01 05:29:59.000000", 1),
    (3, "2025-03-01 00:00:00.000001", None, None, "", "NaN", None,
     "Trial Scheduled", "2025-03-01 05:30:00.000000", 2),
    (4, "2024-02-29 12:00:00.000000", "NaN", "", None, None, "a\nb",
     "", "1999-12-31 23:30:00.000000", None),
    (5, "1970-01-01 05:30:00.000000", "Zoë 🏏", "U-13 boys", "098480 12345", "nan", "x" * 5000,
     "s" * 300, "2099-01-01 00:00:00.500000", 5),
    (9, "2025-06-15 08:15:30.120000", " spaces ", "9", "null", "Parent@Example.com", "null",
     "joined", None, 1),
    (20, "2025-06-15 08:15:30.120000", "'; --", "U9", "+91 98480", "b@example.com", "None",
     "Dead/Not Interested", "2025-06-16 00:00:00.000000", 2),
)  # fmt: skip
COMMENTS = (
    (1, "Call back", "2025-03-01 10:00:00.000000", 1, 1),
    (3, "", "2025-03-01 23:59:59.999999", None, 1),
    (4, "नमस्ते\nजी", "2025-03-01 00:00:00.000000", 3, None),
    (6, "x" * 20_000, "1970-01-01 00:00:00.000000", None, None),
)
# What the lead's wall clock in Asia/Kolkata (UTC+5:30) was in UTC, by the lead's id.
CREATED_IN_UTC = {
    1: "2025-01-30 18:30:00.000000",
    2: "2025-02-28 18:29:59.999999",
    3: "2025-02-28 18:30:00.000001",
    4: "2024-02-29 06:30:00.000000",
    5: "1970-01-01 00:00:00.000000",
    9: "2025-06-15 02:45:30.120000",
    20: "2025-06-15 02:45:30.120000",
}
FOLLOW_UP_IN_UTC = {
    1: None,
    2: "2025-02-28 23:59:59.000000",
    3: "2025-03-01 00:00:00.000000",
    4: "1999-12-31 18:00:00.000000",
    5: "2098-12-31 18:30:00.500000",
    9: None,
    20: "2025-06-15 18:30:00.000000",
}

_TABLES = (
    """CREATE TABLE "user" (
        id {serial} NOT NULL,
        email VARCHAR NOT NULL,
        hashed_password VARCHAR NOT NULL,
        full_name VARCHAR NOT NULL,
        role VARCHAR NOT NULL,
        PRIMARY KEY (id)
    )""",
    """CREATE UNIQUE INDEX ix_user_email ON "user" (email)""",
    """CREATE TABLE center (
        id {serial} NOT NULL,
        display_name VARCHAR NOT NULL,
        meta_tag_name VARCHAR NOT NULL,
        city VARCHAR NOT NULL,
        location VARCHAR NOT NULL,
        PRIMARY KEY (id)
    )""",
    "CREATE UNIQUE INDEX ix_center_meta_tag_name ON center (meta_tag_name)",
    """CREATE TABLE usercenterlink (
        user_id INTEGER NOT NULL,
        center_id INTEGER NOT NULL,
        PRIMARY KEY (user_id, center_id),
        FOREIGN KEY(user_id) REFERENCES "user" (id),
        FOREIGN KEY(center_id) REFERENCES center (id)
    )""",
    """CREATE TABLE lead (
        id {serial} NOT NULL,
        created_time {time} NOT NULL,
        player_name VARCHAR,
        player_age_category VARCHAR,
        phone VARCHAR,
        email VARCHAR,
        address VARCHAR,
        status VARCHAR NOT NULL,
        next_followup_date {time},
        center_id INTEGER,
        PRIMARY KEY (id),
        FOREIGN KEY(center_id) REFERENCES center (id)
    )""",
    """CREATE TABLE comment (
        id {serial} NOT NULL,
        text VARCHAR NOT NULL,
        timestamp {time} NOT NULL,
        user_id INTEGER,
        lead_id INTEGER,
        PRIMARY KEY (id),
        FOREIGN KEY(user_id) REFERENCES "user" (id),
        FOREIGN KEY(lead_id) REFERENCES lead (id)
    )""",
)
_TYPES = {
    "sqlite": {"serial": "INTEGER", "time": "DATETIME"},
    "postgresql": {"serial": "SERIAL", "time": "TIMESTAMP WITHOUT TIME ZONE"},
}
_ROWS: dict[str, Iterable[tuple[Any, ...]]] = {
    "user": [(id, email, hash, "", role) for id, email, _, hash, role in PEOPLE],
    "center": CENTERS,
    "usercenterlink": LINKS,
    "lead": LEADS,
    "comment": COMMENTS,
}


def make(url: str, *changes: str, replace: tuple[str, str] = ("", ""), rows: bool = True) -> None:
    """Makes the database, and then `changes` it.

    `replace` is a text in the statements that make the tables, and what stands there instead.
    """
    statements = [table.format(**_TYPES[kind(url)]).replace(*replace) for table in _TABLES]
    assert replace == ("", "") or any(replace[1] in statement for statement in statements)
    execute(url, *statements)
    if rows:
        fill(url)
    execute(url, *changes)


def fill(url: str) -> None:
    with closing(connect(url)) as connection:
        cursor = connection.cursor()
        for table, rows in _ROWS.items():
            for row in rows:
                marks = ", ".join(["?" if kind(url) == "sqlite" else "%s"] * len(row))
                cursor.execute(f'INSERT INTO "{table}" VALUES ({marks})', row)
        if kind(url) == "postgresql":
            for table in ("user", "center", "lead", "comment"):
                cursor.execute(f"SELECT setval('{table}_id_seq', 30)")
        connection.commit()


def kind(url: str) -> str:
    return url.partition(":")[0]


def connect(url: str) -> Any:
    """A connection of the driver's own."""
    if kind(url) == "sqlite":
        return sqlite3.connect(url.removeprefix("sqlite:///"))
    return psycopg.connect(url)


def execute(url: str, *statements: str) -> None:
    with closing(connect(url)) as connection:
        for statement in statements:
            connection.cursor().execute(statement)
        connection.commit()


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    with closing(connect(url)) as connection:
        cursor = connection.cursor()
        cursor.execute(statement)
        return [tuple(row) for row in cursor.fetchall()]


def dump(url: str) -> list[str]:
    """All that a database holds: its form and its rows."""
    if kind(url) == "sqlite":
        with closing(connect(url)) as connection:
            return list(connection.iterdump())
    lines = []
    for statement in _CATALOG:
        lines += sorted(map(str, query(url, statement)))
    for (table,) in sorted(query(url, "SELECT tablename FROM pg_tables WHERE schemaname='public'")):
        lines.append(table)
        lines += sorted(map(str, query(url, f'SELECT t::text FROM "{table}" t')))
    for (name,) in sorted(
        query(url, "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
    ):
        lines += map(str, query(url, f'SELECT last_value, is_called FROM "{name}"'))
    return lines


_CATALOG = (
    """SELECT c.relname, c.relkind, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
        a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped""",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    """SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace""",
    "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
    """SELECT typname, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid""",
)
