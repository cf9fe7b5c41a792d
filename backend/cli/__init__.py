"""The command line: `python -m backend`, or `tofa` where the package is installed.

Exit codes: 0 done, 1 could not, 2 used wrongly, 130 interrupted.
"""

import argparse
import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backend.cli.error_text import sentence

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command, and answers its exit code. Every error is told in a sentence."""
    arguments = make_parser().parse_args(argv)
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of a pipe has read enough. Python would complain when it flushes at its end.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001  the last line before the terminal
        if arguments.debug:
            traceback.print_exc()
        print(sentence(error), file=sys.stderr)
        return 1
    return code


def make_parser() -> argparse.ArgumentParser:
    installed = Path(sys.argv[0]).stem == "tofa"
    parser = argparse.ArgumentParser(
        prog="tofa" if installed else "python -m backend",
        description="TOFA CRM: the leads of a sports academy with many centers.",
    )
    _add_debug(parser, default=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = _command(commands, "serve", "serve the API", "--port 8080")
    _add_server(serve)
    serve.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")
    serve.add_argument(
        "--workers", type=_count, default=1, help="processes that share the work (1; FastAPI only)"
    )

    demo = _command(
        commands, "demo", "fill an empty database with an example academy", "--serve --port 8080"
    )
    demo.add_argument("--serve", action="store_true", help="then serve it")
    _add_server(demo)
    demo.set_defaults(host="127.0.0.1", workers=1)

    _command(commands, "migrate", "bring the database to the form of this version", "")

    admin = _command(
        commands, "create-admin", "make an account for a team lead", "--email you@example.com"
    )
    admin.add_argument("--email", required=True, help="what one signs in with")
    admin.add_argument("--name", default="Admin", help="what the others see (Admin)")
    _add_password(admin)

    password = _command(
        commands, "set-password", "give an account a new password", "you@example.com"
    )
    password.add_argument("email", metavar="EMAIL", help="whose")
    _add_password(password)

    imports = _command(commands, "import", "add the leads of a spreadsheet", "leads.xlsx")
    imports.add_argument("file", type=Path, metavar="FILE", help="a .csv, .xlsx or .xls file")
    imports.add_argument(
        "--plan", action="store_true", help="only say what would become of each row"
    )
    imports.add_argument("--mapping", metavar="JSON", help='fields by column: {"Branch": "center"}')

    exports = _command(
        commands, "export", "write the leads into a spreadsheet", "leads.xlsx --status Joined"
    )
    exports.add_argument("file", metavar="FILE", help="a .csv or .xlsx file; - is CSV on stdout")
    exports.add_argument("--center", metavar="TAG", help="only the leads of this center")
    exports.add_argument("--status", help="only the leads with this status")

    work = _command(commands, "work", "turn what has come in from outside into leads", "--once")
    work.add_argument("--once", action="store_true", help="only what is due now, for cron")

    meta = _command(commands, "meta", "fetch leads that no notification has brought", "backfill")
    _add_meta(meta)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    # Each import waits for its command: `--help` answers at once.
    match arguments.command:
        case "serve":
            from backend.cli import serve

            return serve.serve(arguments)
        case "demo":
            from backend.cli import demo

            return demo.demo(arguments)
        case "import" | "export":
            from backend.cli import spreadsheets

            run = spreadsheets.add if arguments.command == "import" else spreadsheets.write
            return run(arguments)
        case "meta":
            from backend.cli import meta

            return meta.run(arguments)
        case "work":
            from backend.cli import work

            return work.work(arguments)
        case "migrate":
            from backend.cli import migrate

            return migrate.migrate(arguments)
        case _:
            from backend.cli import accounts

            create = arguments.command == "create-admin"
            return (accounts.create_admin if create else accounts.set_password)(arguments)


def _command(commands: "Commands", name: str, what: str, example: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=what, description=f"{what[0].upper()}{what[1:]}."
    )
    parser.epilog = f"For example: {parser.prog} {example}".strip()
    _add_debug(parser, default=argparse.SUPPRESS)
    return parser


def _add_debug(parser: argparse.ArgumentParser, default: object) -> None:
    parser.add_argument(
        "--debug", action="store_true", default=default, help="show where an error comes from"
    )


def _add_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--wsgi", action="store_true", help="by Flask instead of FastAPI")
    parser.add_argument("--port", type=_port, default=8000, help="the port (8000; 0: a free one)")


def _add_meta(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="meta", required=True, metavar="PART")
    backfill = _command(parts, "backfill", "read the leads of Meta's forms", "--since 2026-11-02")
    backfill.add_argument(
        "--since", metavar="DATE", help="from here on, instead of from where the last one ended"
    )
    backfill.add_argument("--form", metavar="ID", help="only this form, known or not")
    reconcile = _command(
        parts, "reconcile", "compare an export of Meta's with what is here", "leads.csv --dry-run"
    )
    reconcile.add_argument("file", type=Path, metavar="FILE", help="a .csv, .xlsx or .xls file")
    reconcile.add_argument(
        "--dry-run", action="store_true", help="only say what is missing, and fetch nothing"
    )


def _add_password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from the first line of stdin instead of asking for it",
    )


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is a number up to 65535")
    return port


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return count
