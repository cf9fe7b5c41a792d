"""The example academy, and who can sign in to it."""

from argparse import Namespace
from collections.abc import Sequence

from backend.cli import serve
from backend.cli.context import opened
from backend.core import times
from backend.core.demo import academy
from backend.core.demo.academy import Login


def demo(arguments: Namespace) -> int:
    """Fills an empty database; with `--serve` it is served then, or as it was filled before."""
    with opened(first_account=False) as (settings, db):
        with db.read() as session:
            filled = academy.is_filled(session)
        if not filled or not arguments.serve:
            with db.write() as session:
                logins = academy.fill(session, settings.zone, now := times.now())
            academy.plan_a_spreadsheet(db, settings, now)
            _show(logins)
        else:
            program = "python -m backend set-password"
            print(f"The example academy is here already. A lost password: {program} EMAIL")
    if arguments.serve:
        return serve.serve(arguments)
    print("Serve it: python -m backend serve")
    return 0


def _show(logins: Sequence[Login]) -> None:
    print(f"An example academy, with {academy.LEADS} leads. Who can sign in (shown this once):\n")
    table = [("EMAIL", "PASSWORD", "ROLE", "CENTER"), *logins]
    widths = [max(len(row[place]) for row in table) for place in range(4)]
    for row in table:
        line = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        print(f"  {line}".rstrip())
    print(flush=True)
