"""The command line: `python -m backend`, or `tofa` if the package is installed.

Exit codes: 0 success, 1 failure, 2 wrong usage, 130 interrupted.
"""

import argparse
import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backend import garbage  # noqa: F401  it isn't looked for while a command is imported
from backend.cli.error_text import sentence

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


# The commands that write a log.
_LOGGING = ("serve", "demo", "work")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. Errors are printed as one sentence."""
    arguments = make_parser().parse_args(argv)
    try:
        with _ending_cleanly(arguments.command):
            code = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader closed the pipe. Without this, Python complains when it flushes at exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001  show every error as a sentence
        if arguments.debug:
            traceback.print_exc()
        _fail(arguments.command, sentence(error))
        return 1
    return code


@contextlib.contextmanager
def _ending_cleanly(command: str) -> Iterator[None]:
    """Let a command that gets a SIGTERM remove its drafts, which have personal data.

    Those that run until they are ended have their own ways.
    """
    if command in _LOGGING or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _fail(command: str, text: str) -> None:
    if command in _LOGGING:
        from backend.cli import output

        output.fail(text)
    else:
        print(text, file=sys.stderr)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser for all commands."""
    installed = Path(sys.argv[0]).stem == "tofa"
    parser = argparse.ArgumentParser(
        prog="tofa" if installed else "python -m backend",
        description="TOFA CRM: a lead CRM for a sports academy with several centers.",
    )
    _add_debug(parser, default=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_servers(commands)
    _add_accounts(commands)
    _add_spreadsheets(commands)

    _command(commands, "migrate", "upgrade the database to this version", "")
    _add_backups(commands)
    _add_audit(commands)
    _add_person(commands)

    work = _command(commands, "work", "turn deliveries into leads, and run other jobs", "--once")
    work.add_argument(
        "--once", action="store_true", help="process what is due now, then stop (for cron)"
    )

    meta = _command(commands, "meta", "check the connection to Meta, fetch missing leads", "check")
    _add_meta(meta)
    return parser


def _add_servers(commands: "Commands") -> None:
    serve = _command(commands, "serve", "run the server", "--port 8080")
    _add_server(serve)
    serve.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)"
    )
    serve.add_argument(
        "--workers", type=_count, default=1, help="number of processes (default: 1; FastAPI only)"
    )

    demo = _command(
        commands, "demo", "fill an empty database with a demo academy", "--serve --port 8080"
    )
    demo.add_argument("--serve", action="store_true", help="then start the server")
    _add_server(demo)
    demo.set_defaults(host="127.0.0.1", workers=1)


def _add_accounts(commands: "Commands") -> None:
    admin = _command(
        commands, "create-admin", "create a team lead's account", "--email you@example.com"
    )
    admin.add_argument("--email", required=True, help="email to sign in with")
    admin.add_argument("--name", default="Admin", help="name shown to others (default: Admin)")
    _add_password(admin)

    password = _command(
        commands, "set-password", "set a new password for an account", "you@example.com"
    )
    password.add_argument("email", metavar="EMAIL", help="email of the account")
    password.add_argument(
        "--remove-second-factor",
        action="store_true",
        help="also turn off two-step sign-in, for someone who has lost it",
    )
    _add_password(password)


def _add_spreadsheets(commands: "Commands") -> None:
    imports = _command(commands, "import", "import leads from a spreadsheet", "leads.xlsx")
    imports.add_argument(
        "file", type=Path, metavar="FILE", help="a .csv, .xlsx, .xls, .ods, .vcf or .json file"
    )
    imports.add_argument(
        "--plan", action="store_true", help="show what would happen to each row; import nothing"
    )
    imports.add_argument(
        "--mapping", metavar="JSON", help='field for each column, such as {"Branch": "center"}'
    )

    exports = _command(
        commands, "export", "export leads to a spreadsheet", "leads.xlsx --status Joined"
    )
    exports.add_argument(
        "file", metavar="FILE", help="a .csv or .xlsx file; use - for CSV on stdout"
    )
    exports.add_argument("--center", metavar="TAG", help="only leads of this center")
    exports.add_argument("--status", help="only leads with this status")
    exports.add_argument(
        "--everyone", action="store_true", help="include leads that must not be contacted"
    )


def _add_audit(commands: "Commands") -> None:
    audit = _command(commands, "audit", "check the audit trail", "verify")
    parts = audit.add_subparsers(dest="audit", required=True, metavar="PART")
    verify = _command(parts, "verify", "check that no event was changed or removed", "")
    verify.add_argument("--head", metavar="ID:HASH", help="the head that an earlier check printed")


def _add_person(commands: "Commands") -> None:
    person = _command(commands, "person", "export or erase one person's data", "export 7 7.json")
    parts = person.add_subparsers(dest="person", required=True, metavar="PART")
    export = _command(parts, "export", "write everything held about a lead to a file", "")
    export.add_argument("id", type=_count, metavar="ID", help="the lead's id")
    export.add_argument("file", metavar="FILE", help="a new .json or .csv file")
    erase = _command(parts, "erase", "erase a lead and all copies of its data", "")
    erase.add_argument("id", type=_count, metavar="ID", help="the lead's id")
    erase.add_argument(
        "--at-once",
        action="store_true",
        help="destroy its data now, if the settings allow it",
    )


def _add_backups(commands: "Commands") -> None:
    backup = _command(
        commands,
        "backup",
        "back up a SQLite database, even while in use",
        "backups/ --keep 14",
    )
    what = backup.add_mutually_exclusive_group(required=True)
    what.add_argument("target", metavar="FILE", nargs="?", help="a new file, or an existing folder")
    backup.add_argument(
        "--keep", type=_count, metavar="N", help="remove all but the newest N backups in the folder"
    )
    what.add_argument(
        "--note",
        action="store_true",
        help="save nothing; record in the metrics that another program made a backup",
    )
    restore = _command(
        commands, "restore", "replace a SQLite database with a backup", "backups/tofa.db"
    )
    restore.add_argument("file", metavar="FILE", help="a backup")
    restore.add_argument("--yes", action="store_true", help="don't ask for confirmation")


def _run(arguments: argparse.Namespace) -> int:
    # Import each command's module only when it runs, so that `--help` is fast.
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
        case "backup" | "restore":
            from backend.cli import backup

            return (backup.save if arguments.command == "backup" else backup.restore)(arguments)
        case "audit":
            from backend.cli import audit

            return audit.verify(arguments)
        case "person":
            from backend.cli import person

            return person.run(arguments)
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
        "--debug", action="store_true", default=default, help="show a traceback if it fails"
    )


def _add_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--wsgi", action="store_true", help="use Flask instead of FastAPI")
    parser.add_argument(
        "--port", type=_port, default=8000, help="port (default: 8000; 0 picks a free port)"
    )


def _add_meta(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="meta", required=True, metavar="PART")
    _command(parts, "check", "check the connection, the permissions and the forms", "")
    backfill = _command(parts, "backfill", "fetch leads from Meta's forms", "--since 2026-11-02")
    backfill.add_argument(
        "--since", metavar="DATE", help="start date (default: where the last backfill ended)"
    )
    backfill.add_argument("--form", metavar="ID", help="only this form, even if it is new")
    reconcile = _command(
        parts, "reconcile", "find leads in an export from Meta that are missing here", "leads.csv"
    )
    reconcile.add_argument(
        "file", type=Path, metavar="FILE", help="a .csv, .xlsx, .xls or .ods file"
    )
    reconcile.add_argument(
        "--dry-run", action="store_true", help="list the missing leads; fetch nothing"
    )


def _add_password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from the first line of stdin instead of asking for it",
    )


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("use a number from 0 to 65535")
    return port


def _count(text: str) -> int:
    count = int(text) if text.isdecimal() else 0
    if count < 1:
        raise argparse.ArgumentTypeError("use 1 or more")
    return count
