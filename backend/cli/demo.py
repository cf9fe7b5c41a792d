"""The command `demo`: fill a database with the demo academy, and show its logins."""

from argparse import Namespace
from collections.abc import Sequence

from backend.cli import output, serve
from backend.cli.context import opened
from backend.core import times
from backend.core.demo import academy
from backend.core.demo.academy import Login
from backend.core.intake import webhook_access


def demo(arguments: Namespace) -> int:
    """Fill an empty database. With `--serve`, run the server, also if the demo already exists."""
    with opened(first_account=False) as (settings, db):
        output.set_up(settings)
        with db.read() as session:
            filled = academy.is_filled(session)
        if not filled or not arguments.serve:
            with db.write() as session:
                logins = academy.fill(session, settings.zone, now := times.now())
            academy.plan_a_spreadsheet(db, settings, now)
            _show(logins)
            print(f"The webhook's token: {webhook_access.token(settings)}\n", flush=True)
        else:
            command = "python -m backend set-password EMAIL"
            output.say(f"The demo academy already exists. To reset a password, run: {command}")
    if arguments.serve:
        return serve.serve(arguments)
    print("To run the server: python -m backend serve")
    return 0


def _show(logins: Sequence[Login]) -> None:
    print(f"Created a demo academy with {academy.LEADS} leads. Logins (shown only once):\n")
    table = [("EMAIL", "PASSWORD", "ROLE", "CENTER"), *logins]
    widths = [max(len(row[place]) for row in table) for place in range(4)]
    for row in table:
        line = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        print(f"  {line}".rstrip())
    print(flush=True)
