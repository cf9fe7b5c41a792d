"""The command line: what each command does, prints and returns."""

import io
import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyotp
import pytest
from sqlalchemy import func, select
from sqlmodel import col

from backend.cli import main, make_parser, progress
from backend.cli import serve as serving
from backend.core import auth, passwords
from backend.core.accounts import second_factor
from backend.core.db import Database
from backend.core.demo import academy
from backend.core.imports import upload
from backend.core.settings import load
from backend.models import Center, Lead, LeadEvent, User
from tests.commands import ROOT, interrupt, read_until, started
from tests.demo import make_demo
from tests.waiting import PATIENCE
from tests.world import PASSWORD, SECRET_KEY, make_tables

HEADER = "created_time,player_name,phone,_which_is_the_nearest_tofa_center_to_you?\n"
GOOD = "violet kettle 42"
# For tests where the database makes no difference.
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


Copies = Callable[[Callable[[str], None]], str]


@pytest.fixture
def folder(copy_of: Copies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set up a database with the tables and nothing else. Return a folder for files."""
    monkeypatch.setenv("DATABASE_URL", copy_of(make_tables))
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    monkeypatch.setenv("TOFA_ENV_FILE", str(tmp_path / "no.env"))
    return tmp_path


@pytest.fixture
def without_tables(folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set up an empty database instead."""
    monkeypatch.setenv("DATABASE_URL", database_url)


@pytest.fixture
def db(folder: Path) -> Iterator[Database]:
    db = Database(load().url)
    yield db
    db.close()


@pytest.fixture
def centers(db: Database) -> None:
    with db.write() as session:
        for name in ("Tellapur", "Miyapur"):
            tag = f"TOFA {name}"
            session.add(Center(display_name=name, meta_tag_name=tag, city="Hyderabad"))


def type_passwords(monkeypatch: pytest.MonkeyPatch, *passwords: str) -> None:
    """Answer password prompts, as a person at a terminal would."""
    left = iter(passwords)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("backend.cli.accounts.getpass", lambda _: next(left))


def pipe(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def count_leads(db: Database) -> int:
    with db.read() as session:
        return session.connection().scalar(select(func.count(col(Lead.id)))) or 0


# Accounts


@pytest.mark.usefixtures("without_tables")
def test_create_admin(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_passwords(monkeypatch, GOOD, GOOD)
    assert main(["create-admin", "--email", "Asha@tofa.example", "--name", "Asha"]) == 0
    assert capsys.readouterr() == ("Created the account Asha@tofa.example (team lead).\n", "")
    with db.read() as session:
        (user,) = session.scalars(select(User))
    assert (user.full_name, user.role) == ("Asha", "team_lead")
    assert passwords.verify(GOOD, user.hashed_password)[0]


@ON_SQLITE
@pytest.mark.parametrize(
    ("email", "password", "says"),
    [
        ("asha@tofa.example", "short", "Password: use at least 8 characters.\n"),
        ("asha@tofa.example", "password", "Password: choose a password that is harder to guess.\n"),
        ("asha", GOOD, "Email: enter an email such as name@example.com.\n"),
        ("ADMIN@tofa.example", GOOD, "Email already registered.\n"),
    ],
)
def test_create_admin_rejects_invalid_accounts(
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    email: str,
    password: str,
    says: str,
) -> None:
    pipe(monkeypatch, f"{GOOD}\n")
    assert main(["create-admin", "--email", "admin@tofa.example", "--password-stdin"]) == 0
    capsys.readouterr()
    pipe(monkeypatch, f"{password}\r\nanother line\n")
    assert main(["create-admin", "--email", email, "--password-stdin"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(says)
    assert err.count("\n") == 1


@ON_SQLITE
def test_passwords_that_dont_match(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_passwords(monkeypatch, GOOD, f"{GOOD}!")
    assert main(["create-admin", "--email", "asha@tofa.example"]) == 1
    assert "The passwords don't match. Nothing was changed." in capsys.readouterr().err
    pipe(monkeypatch, "")
    assert main(["create-admin", "--email", "asha@tofa.example"]) == 1
    assert "use --password-stdin" in capsys.readouterr().err
    with db.read() as session:
        assert session.scalars(select(User)).all() == []


def test_set_password(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe(monkeypatch, f"{PASSWORD}\n")
    assert main(["create-admin", "--email", "asha@tofa.example", "--password-stdin"]) == 0
    pipe(monkeypatch, f"{GOOD}\n")
    assert main(["set-password", "ASHA@tofa.example", "--password-stdin"]) == 0
    with db.read() as session:
        user = auth.find(session, "asha@tofa.example")
    assert user is not None
    assert passwords.verify(GOOD, user.hashed_password)[0]
    assert user.token_version == 1
    assert user.id is not None
    with db.write() as session:
        secret = second_factor.begin(session, user.id)["secret"]
        code = pyotp.TOTP(secret).now()
        second_factor.confirm(session, load(), user.id, code, None)
    for options, is_on in (([], True), (["--remove-second-factor"], False)):
        pipe(monkeypatch, f"{GOOD}\n")
        assert main(["set-password", "asha@tofa.example", "--password-stdin", *options]) == 0
        with db.read() as session:
            assert second_factor.is_on(session, user.id) is is_on
    capsys.readouterr()
    pipe(monkeypatch, "short\n")
    assert main(["set-password", "asha@tofa.example", "--password-stdin"]) == 1
    assert main(["set-password", "nobody@tofa.example", "--password-stdin"]) == 1
    assert capsys.readouterr() == (
        "",
        "Password: use at least 8 characters.\nThere is no account nobody@tofa.example.\n",
    )


# The database


@pytest.mark.usefixtures("without_tables")
def test_migrate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == (
        "Created the tables in an empty database.\nThe database is already up to date.\n"
    )


@pytest.mark.parametrize(
    "command", [["serve"], ["migrate"], ["demo"], ["export", "-"], ["serve", "--wsgi"]]
)
@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        (
            "TIMEZONE",
            "Mars/Olympus",
            "The setting TIMEZONE can't be used: use a time zone such as Asia/Kolkata.",
        ),
        ("DATABASE_URL", "mysql://root@db/tofa", "DATABASE_URL names a database that "),
        ("DATABASE_URL", "sqlite:////no/such/folder/tofa.db", "The database can't be "),
    ],
)
def test_invalid_settings(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    setting: str,
    value: str,
    says: str,
) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("DATABASE_URL", "sqlite:////no/such/folder/tofa.db")
    monkeypatch.setenv(setting, value)
    assert main([*command, *(["--port", "0"] if "serve" in command else [])]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(says)
    assert err.count("\n") == 1


# Spreadsheets


def test_import(
    folder: Path, centers: None, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "leads.csv"
    rows = "".join(f"soon,Child {i},98480{i:05},TOFA Tellapur\n" for i in range(25))
    file.write_text(f"{HEADER}{rows}2026-11-05,Nobody,,TOFA Miyapur\n")
    capsys.readouterr()
    assert main(["import", str(file)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[:2] == ["25 leads added.", "Imported with warnings:"]
    assert lines[2].startswith("  row 2: The date can't be read")
    assert lines[21:] == [
        "  row 21: The date can't be read; the time of the import is used instead",
        "  and 5 more",
        "Rejected:",
        "  row 27: No phone or email",
    ]
    with db.read() as session:
        events = session.scalars(select(LeadEvent)).all()
    assert len(events) == 25
    # The import was made by the system, not by a user.
    assert {event.user_id for event in events} == {None}


def test_import_with_unrecognised_centers(
    folder: Path, centers: None, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "leads.csv"
    file.write_text(
        f"{HEADER},A,1,TOFA Tellapur\n,B,2,TOFA Mars\n,C,3,TOFA Venus\n", encoding="utf-8"
    )
    capsys.readouterr()
    assert main(["import", str(file)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "\n  TOFA Mars\n  TOFA Venus\n" in err
    assert count_leads(db) == 0


def test_import_plan(
    folder: Path, centers: None, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "leads.csv"
    rows = "".join(f",Child {i},,TOFA Tellapur\n" for i in range(25))
    file.write_text(
        f"{HEADER.replace('phone', 'Mobile')}{rows},A,9848000201,TOFA Tellapur\n"
        ",B,9848000201,TOFA Tellapur\n,a,9848000201,TOFA Tellapur\n"
        ",C,9848000202,TOFA Mars\n"
    )
    capsys.readouterr()
    assert main(["import", str(file), "--plan"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:10] == [
        "Plan 1. Nothing has been imported yet.",
        "  The columns are named in row 1.",
        "  Guessed that the column 'Mobile' is phone.",
        "  1 row: new leads",
        "  1 row: new leads in an existing household",
        "  1 row: added to an existing lead",
        "  1 row: waiting for an unrecognised center",
        "  25 rows: rejected",
        "Waiting:",
        "  row 30: No center has this name: TOFA Mars",
    ]
    assert lines[10:12] == ["Rejected:", "  row 2: No phone or email"]
    assert lines[-1] == "  and 5 more"
    assert count_leads(db) == 0


def test_control_characters_of_a_file_are_not_printed(
    folder: Path, centers: None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "leads.csv"
    file.write_text("Mobile \x1b[2J,nearest_tofa\n1,\x1b]0;Zoë\x07\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["import", str(file), "--plan"]) == 0
    assert main(["import", str(file), "--mapping", "{}"]) == 1
    out, err = capsys.readouterr()
    assert "the column 'Mobile \ufffd[2J'" in out
    assert "No center has this name: \ufffd]0;Zoë\ufffd" in out
    assert "\n  \ufffd]0;Zoë\ufffd\n" in err
    assert not {"\x1b", "\x07"} & {*out, *err}


def test_import_with_a_mapping(
    folder: Path, centers: None, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "leads.csv"
    file.write_text("Branch,phone,Whose\nTOFA Tellapur,1,Zoya\n")
    capsys.readouterr()
    assert main(["import", str(file)]) == 1
    assert "no column for the center" in capsys.readouterr().err
    assert main(["import", str(file), "--mapping", '{"Whose": "name"}']) == 1
    assert "Mapping: choose created_time, player_name, " in capsys.readouterr().err
    assert main(["import", str(file), "--mapping", '{"Whose": "player_name"}']) == 0
    with db.read() as session:
        (lead,) = session.scalars(select(Lead))
    assert lead.player_name == "Zoya"


@ON_SQLITE
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (
            "leads.pdf",
            b"%PDF",
            "Only .csv, .txt, .xlsx, .xls, .ods, .vcf and .json files",
        ),
        ("leads.csv", b"a,b\n1,2\n", "The file has no column for the center"),
        ("none.csv", None, "none.csv: No such file or directory."),
    ],
)
def test_import_of_other_files(
    folder: Path,
    centers: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes | None,
    says: str,
) -> None:
    monkeypatch.chdir(folder)
    if content is not None:
        Path(name).write_bytes(content)
    capsys.readouterr()
    assert main(["import", name]) == 1
    assert capsys.readouterr().err.startswith(says)


@ON_SQLITE
def test_import_ignores_the_upload_limit(
    folder: Path, centers: None, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_UPLOAD_MB", "1")
    address = "x" * 2000
    file = folder / "leads.csv"
    rows = (f"+9198{number:08},{address},TOFA Miyapur\n" for number in range(600))
    file.write_text("phone,address_and_pincode,nearest_tofa\n" + "".join(rows))
    assert file.stat().st_size > 1 << 20
    assert main(["import", str(file)]) == 0
    assert count_leads(db) == 600


@pytest.fixture
def filled(folder: Path, copy_of: Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", copy_of(make_demo))


@pytest.mark.slow
def test_export(folder: Path, filled: None, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for name in ("leads.csv", "leads.xlsx"):
        assert main(["export", str(folder / name)]) == 0
        assert capfdbinary.readouterr().out.startswith(b"Exported 500 leads to ")
    assert main(["export", "-", "--center", "TOFA Tellapur", "--status", "Joined"]) == 0
    out, err = capfdbinary.readouterr()
    assert err == b""
    assert out.startswith(b'"Meta lead ID","Received at",')
    assert 5 < out.count(b',"TOFA Tellapur","Joined",') == out.count(b"\r\n") - 1 < 100

    assert main(["export", str(folder / "leads.ods")]) == 1
    assert b"must end with .csv or .xlsx." in capfdbinary.readouterr().err
    missing = folder / "no" / "leads.csv"
    assert main(["export", str(missing)]) == 1
    assert capfdbinary.readouterr().err.decode() == f"{missing}: No such file or directory.\n"
    (folder / "folder.csv").mkdir()
    assert main(["export", str(folder / "folder.csv")]) == 1
    assert capfdbinary.readouterr().err.decode() == f"{folder / 'folder.csv'}: Is a directory.\n"
    assert main(["export", "-", "--center", "Mars"]) == 1
    assert b"There is no center 'Mars'" in capfdbinary.readouterr().err


@ON_SQLITE
@pytest.mark.slow
def test_export_stops_when_the_pipe_is_closed(folder: Path, filled: None) -> None:
    command = [sys.executable, "-m", "backend", "export", "-"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'"Meta lead ID",')
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


# The demo


@pytest.mark.usefixtures("without_tables")
@pytest.mark.slow
def test_demo(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    logins = re.findall(r"^  (\S+@example\.com) +(\S+)", out, re.MULTILINE)
    assert len(logins) == 6
    assert out.endswith("To run the server: python -m backend serve\n")
    with db.read() as session:
        email, password = logins[0]
        user = auth.find(session, email)
        assert user is not None
        assert passwords.verify(password, user.hashed_password)[0]
        # There are no other accounts, so no other passwords to look for.
        assert len(session.scalars(select(User)).all()) == 6

    assert main(["demo"]) == 1
    assert "already has leads or centers" in capsys.readouterr().err
    served: list[object] = []

    def serve(arguments: object) -> int:
        served.append(arguments)
        return 0

    monkeypatch.setattr("backend.cli.serve.serve", serve)
    assert main(["demo", "--serve"]) == 0
    assert len(served) == 1
    assert "already exists" in capsys.readouterr().out
    assert count_leads(db) == academy.LEADS


def test_demo_leaves_real_leads_alone(
    centers: None, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--serve"]) == 1
    assert "already has leads or centers" in capsys.readouterr().err
    assert count_leads(db) == 0


# Serving


def test_a_response_does_not_wait_for_an_acknowledgement() -> None:
    """TCP_NODELAY is set, so that the body is sent right after the head."""
    with (
        serving._listen("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.usefixtures("without_tables")
@ON_SQLITE
@pytest.mark.parametrize(
    "command", ["serve", "serve --workers 2", "serve --wsgi", "demo --serve", "demo --serve --wsgi"]
)
@pytest.mark.slow
def test_serve(folder: Path, command: str) -> None:
    with started(*command.split(), "--port", "0") as process:
        said = read_until(process.stdout, "Ctrl-C", process.stderr)
        where = re.search(r"TOFA CRM is running at (http://127\.0\.0\.1:\d+)/ ", said)
        assert where is not None
        answer = httpx.get(f"{where[1]}/centers/", timeout=PATIENCE)
        assert answer.status_code == 200
        assert answer.http_version == "HTTP/1.1", "a list that breaks off must be noticed"
        assert len(answer.json()) == (4 if "demo" in command else 0)
        _, err = interrupt(process)
    assert process.returncode == 0
    assert "Traceback" not in err
    assert re.search(r" INFO GET /centers/ 200 [0-9.]+ ms, user -, ", err)


@ON_SQLITE
@pytest.mark.parametrize("options", [[], ["--wsgi"], ["--workers", "2"]], ids=str)
def test_port_in_use(folder: Path, capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port), *options]) == 1
    assert capsys.readouterr() == (
        "",
        f"Port {port} is in use. Stop the program that uses it, or choose another port "
        "with --port.\n",
    )


@ON_SQLITE
def test_workers_are_for_fastapi_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--wsgi", "--workers", "2"]) == 1
    assert capsys.readouterr().err.startswith("--workers is for FastAPI only")


@ON_SQLITE
def test_address_that_cannot_be_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", "203.0.113.1", "--port", "0"]) == 1
    assert capsys.readouterr().err.startswith("Can't listen on 203.0.113.1, port 0: ")


# Every command


def test_help_is_quick_and_gives_an_example() -> None:
    heavy = "sqlalchemy|fastapi|flask|pydantic"
    code = (
        "import re, sys; from backend.cli import make_parser; make_parser().format_help();"
        f"sys.exit(sum(bool(re.match({heavy!r}, name)) for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    "command",
    [
        "serve",
        "demo",
        "migrate",
        "create-admin",
        "set-password",
        "import",
        "export",
        "work",
        "meta",
    ],
)
def test_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    example = re.search(rf"For example: python -m backend ({command}.*)$", text)
    assert example is not None
    # The example must be valid.
    make_parser().parse_args(example[1].split())


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["server"],
        ["serve", "--port", "99999"],
        ["serve", "--port", "http"],
        ["serve", "--workers", "0"],
        ["create-admin"],
        ["backup"],
        ["import"],
        ["export", "a.csv", "b.csv"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: " in capsys.readouterr().err


@ON_SQLITE
def test_unexpected_error(
    folder: Path,
    centers: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("the moon")

    monkeypatch.setattr(upload, "upload", fail)
    file = folder / "leads.csv"
    file.touch()
    capsys.readouterr()
    assert main(["import", str(file)]) == 1
    said = capsys.readouterr().err
    assert said == (
        "Unexpected error (LookupError: the moon). "
        "Run the command again with --debug for details.\n"
    )
    for arguments in (["--debug", "import", str(file)], ["import", str(file), "--debug"]):
        assert main(arguments) == 1
        told = capsys.readouterr().err
        assert told.startswith("Traceback ")
        assert told.endswith(said)


@ON_SQLITE
def test_ctrl_c(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("backend.cli.migrate.migrate", interrupted)
    assert main(["migrate"]) == 130
    assert capsys.readouterr() == ("", "")


def test_progress_is_shown_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(progress, "EVERY", 0)
    with progress.Progress("rows read") as told:
        told(1000)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress.Progress("leads written") as told:
        told(1000)
        told(1500, 3000)
    drawn = capsys.readouterr().err.split("\r\x1b[K")
    assert drawn == [
        "",
        "1,000 leads written",
        f"[{'#' * 15}{'.' * 15}]  50 %  1,500 leads written",
        "",
    ]


@pytest.mark.usefixtures("centers")
def test_person(folder: Path, db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with db.write() as session:
        session.add(Lead(created_time=datetime.now(UTC), player_name="Tara", phone="9848000001"))
    file = folder / "tara.json"
    assert main(["person", "export", "1", str(file)]) == 0
    assert json.loads(file.read_text())["held"]["lead"][0]["player_name"] == "Tara"
    assert file.stat().st_mode & 0o77 == 0
    # It is written over no file, and its name says its kind.
    assert main(["person", "export", "1", str(file)]) == 1
    assert main(["person", "export", "1", str(folder / "tara.txt")]) == 1
    assert main(["person", "erase", "1", "--at-once"]) == 1
    capsys.readouterr()
    assert main(["person", "erase", "1"]) == 0
    assert capsys.readouterr().out.startswith("Erased lead 1. Its data will be destroyed on 20")
    assert main(["person", "erase", "1"]) == 1
    assert capsys.readouterr().err == "Lead not found.\n"
