"""How databases of earlier versions differ from what today's steps make.

Steps 0002 to 0005 were changed after they were first run, so a database that was made in between
has other indexes, keys or functions. Each entry says which step such a database is at, and the
statements that turn what today's step makes into what it made then. They were found by making a
database with each version that had other steps.
"""

from dataclasses import dataclass

# Without conditions, and one fewer.
_FULL_INDEXES = (
    *(
        statement
        for name in ("parent_id", "form_id", "lead_id", "import_id")
        for statement in (
            f"DROP INDEX ix_capture_{name}",
            f"CREATE INDEX ix_capture_{name} ON capture ({name})",
        )
    ),
    "DROP INDEX ix_capture_state_due_at",
    "CREATE INDEX ix_capture_state_due_at ON capture (state, due_at)",
    "DROP INDEX ix_capture_state_id",
)
_FEWER_INDEXES_OF_LEADS = (
    "DROP INDEX ix_lead_center_id_created_time",
    "DROP INDEX ix_lead_player_age_category",
    "DROP INDEX ix_lead_source",
)
_FEWEST_INDEXES_OF_LEADS = (
    *_FEWER_INDEXES_OF_LEADS,
    "DROP INDEX ix_lead_is_test",
    "DROP INDEX ix_lead_lost_reason",
)
_HISTORY_WITH_KEYS_SQLITE = (
    "DROP TABLE leadevent",
    """CREATE TABLE leadevent (id INTEGER NOT NULL, lead_id INTEGER NOT NULL, at DATETIME NOT NULL,
    user_id INTEGER, kind VARCHAR NOT NULL, data VARCHAR NOT NULL, PRIMARY KEY (id),
    FOREIGN KEY(lead_id) REFERENCES lead (id), FOREIGN KEY(user_id) REFERENCES user (id))""",
    "CREATE INDEX ix_leadevent_lead_id ON leadevent (lead_id)",
)
_HISTORY_WITH_KEYS_POSTGRESQL = (
    "ALTER TABLE leadevent ADD FOREIGN KEY (lead_id) REFERENCES lead (id)",
    'ALTER TABLE leadevent ADD FOREIGN KEY (user_id) REFERENCES "user" (id)',
)
_TRIGGERS_WITHOUT_RIGHTS = tuple(
    f"ALTER FUNCTION tofa_sums_{name}() SECURITY INVOKER RESET search_path"
    for name in ("rows", "row")
)


@dataclass(frozen=True)
class Earlier:
    """A schema of an earlier version: its step, and what was different, on each database."""

    step: str
    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...]

    def statements(self, database: str) -> tuple[str, ...]:
        return self.sqlite if database == "sqlite" else self.postgresql


def _both(step: str, *statements: str) -> Earlier:
    return Earlier(step, statements, statements)


EARLIER = {
    "history with foreign keys": Earlier(
        "0002", _HISTORY_WITH_KEYS_SQLITE, _HISTORY_WITH_KEYS_POSTGRESQL
    ),
    "step 2": _both("0002"),
    "full indexes of deliveries": _both("0003", *_FULL_INDEXES),
    "full indexes of deliveries, fewest of leads": _both(
        "0004", *_FULL_INDEXES, *_FEWEST_INDEXES_OF_LEADS
    ),
    "full indexes of deliveries, fewer of leads": _both(
        "0004", *_FULL_INDEXES, *_FEWER_INDEXES_OF_LEADS
    ),
    "fewest indexes of leads": _both("0004", *_FEWEST_INDEXES_OF_LEADS),
    "full indexes of deliveries, all of leads": _both("0004", *_FULL_INDEXES),
    "step 4": _both("0004"),
    "triggers without rights": Earlier("0005", (), _TRIGGERS_WITHOUT_RIGHTS),
    "step 5": _both("0005"),
    "step 6": _both("0006"),
    "step 7": _both("0007"),
}
