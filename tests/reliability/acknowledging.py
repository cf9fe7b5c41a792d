"""A process that adds leads one after the other, and says which ones are on disk.

`python -m tests.reliability.acknowledging URL NAME`: it prints the email of each lead once the
transaction is committed, until it is stopped.
"""

import sys

from backend.core import times
from backend.core.db import Database
from backend.core.leads import adding
from backend.core.leads.matching import Candidate
from backend.models import Source
from tests.world import TELLAPUR, settings_for


def main(url: str, name: str) -> None:
    db = Database(settings_for(url).url)
    number = 0
    while True:
        number += 1
        email = f"{name}-{number}@example.com"
        with db.write() as session:
            candidate = Candidate(
                times.now(), TELLAPUR, Source.MANUAL, player_name=f"Child {number}", email=email
            )
            adding.add(session, candidate, "IN")
        sys.stdout.write(f"{email}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
