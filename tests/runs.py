"""How many runs a test with drawn values has on each database."""

# Each of them executes most statements: what follows from the values is decided in Python, which
# is the same on SQLite, where a test has all its runs.
FEW = 8


def on(database: str, many: int) -> int:
    """Return how many of its runs a test has: on PostgreSQL, where the statements differ, a few."""
    return many if database == "sqlite" else min(many, FEW)
