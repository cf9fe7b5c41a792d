"""The command line: what each command does, what it says, and how it ends."""

import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from sqlmodel import col

from backend.cli import main, make_parser, progress
from backend.cli import serve as serving
from backend.core import auth, passwords
from backend.core.db import Database
from backend.core.demo import academy
from backend.core.imports import upload
from backend.core.settings import load
from backend.models import Center, Lead, LeadEvent, User
from tests.waiting import PATIENCE
from tests.world import PASSWORD, SECRET_KEY

ROOT = Path(__file__).resolve().parents[1]
HEADER = "created_time,player_name,phone,_which_is_the_nearest_tofa_center_to_you?\n"
GOOD = "violet kettle 42"
# Where the kind of database makes no difference.
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def here(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of an installation over an empty database; answers a folder for files."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    monkeypatch.setenv("TOFA_ENV_FILE", str(tmp_path / "no.env"))
    return tmp_path


@pytest.fixture
def db(here: Path) -> Iterator[Database]:
    db = Database(load().url)
    yield db
    db.close()


@pytest.fixture
def centers(db: Database) -> None:
    assert main(["migrate"]) == 0
    with db.write() as session:
        for name in ("Tellapur", "Miyapur"):
            tag = f"TOFA {name}"
            session.add(Center(display_name=name, meta_tag_name=tag, city="Hyderabad"))


def types(monkeypatch: pytest.MonkeyPatch, *passwords: str) -> None:
    """A person at a terminal, who is asked for a password."""
    left = iter(passwords)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("backend.cli.accounts.getpass", lambda _: next(left))


def pipes(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def leads(db: Database) -> int:
    with db.read() as session:
        return session.connection().scalar(select(func.count(col(Lead.id)))) or 0


# Accounts


def test_create_admin(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    types(monkeypatch, GOOD, GOOD)
    assert main(["create-admin", "--email", "Asha@tofa.example", "--name", "Asha"]) == 0
    assert capsys.readouterr() == ("Asha@tofa.example can sign in now, as a team lead.\n", "")
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
def test_an_account_that_can_not_be(
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    email: str,
    password: str,
    says: str,
) -> None:
    pipes(monkeypatch, f"{GOOD}\n")
    assert main(["create-admin", "--email", "admin@tofa.example", "--password-stdin"]) == 0
    capsys.readouterr()
    pipes(monkeypatch, f"{password}\r\nanother line\n")
    assert main(["create-admin", "--email", email, "--password-stdin"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(says)
    assert err.count("\n") == 1


@ON_SQLITE
def test_two_different_passwords(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    types(monkeypatch, GOOD, f"{GOOD}!")
    assert main(["create-admin", "--email", "asha@tofa.example"]) == 1
    assert "The passwords don't match: nothing is changed." in capsys.readouterr().err
    pipes(monkeypatch, "")
    assert main(["create-admin", "--email", "asha@tofa.example"]) == 1
    assert "use --password-stdin" in capsys.readouterr().err
    with db.read() as session:
        assert session.scalars(select(User)).all() == []


def test_set_password(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pipes(monkeypatch, f"{PASSWORD}\n")
    assert main(["create-admin", "--email", "asha@tofa.example", "--password-stdin"]) == 0
    pipes(monkeypatch, f"{GOOD}\n")
    assert main(["set-password", "ASHA@tofa.example", "--password-stdin"]) == 0
    with db.read() as session:
        user = auth.find(session, "asha@tofa.example")
    assert user is not None
    assert passwords.verify(GOOD, user.hashed_password)[0]
    assert user.token_version == 1
    capsys.readouterr()
    pipes(monkeypatch, "short\n")
    assert main(["set-password", "asha@tofa.example", "--password-stdin"]) == 1
    assert main(["set-password", "nobody@tofa.example", "--password-stdin"]) == 1
    assert capsys.readouterr() == (
        "",
        "Password: use at least 8 characters.\nThere is no account nobody@tofa.example.\n",
    )


# The database


def test_migrate(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == (
        "The database was empty: its tables are made.\nThe database is up to date already.\n"
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
def test_settings_that_can_not_be_used(
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
    here: Path, centers: None, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = here / "leads.csv"
    rows = "".join(f"soon,Child {i},98480{i:05},TOFA Tellapur\n" for i in range(25))
    file.write_text(f"{HEADER}{rows}2026-11-05,Nobody,,TOFA Miyapur\n")
    capsys.readouterr()
    assert main(["import", str(file)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[:2] == ["25 leads added.", "Imported, but:"]
    assert lines[2].startswith("  row 2: The date can't be read")
    assert lines[21:] == [
        "  row 21: The date can't be read; the time of the import is used instead",
        "  and 5 more",
        "Left out:",
        "  row 27: No phone or email",
    ]
    with db.read() as session:
        events = session.scalars(select(LeadEvent)).all()
    assert len(events) == 25
    # No person of the academy did it.
    assert {event.user_id for event in events} == {None}


def test_import_with_centers_that_no_one_knows(
    here: Path, centers: None, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = here / "leads.csv"
    file.write_text(
        f"{HEADER},A,1,TOFA Tellapur\n,B,2,TOFA Mars\n,C,3,TOFA Venus\n", encoding="utf-8"
    )
    capsys.readouterr()
    assert main(["import", str(file)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "\n  TOFA Mars\n  TOFA Venus\n" in err
    assert leads(db) == 0


def test_a_plan(
    here: Path, centers: None, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = here / "leads.csv"
    rows = "".join(f",Child {i},,TOFA Tellapur\n" for i in range(25))
    file.write_text(
        f"{HEADER.replace('phone', 'Mobile')}{rows},A,1,TOFA Tellapur\n,B,1,TOFA Tellapur\n"
        ",a,1,TOFA Tellapur\n,C,2,TOFA Mars\n"
    )
    capsys.readouterr()
    assert main(["import", str(file), "--plan"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:9] == [
        "Plan 1: nothing is done yet.",
        "  The column 'Mobile' is taken for phone: a guess.",
        "  1 row: new leads",
        "  1 row: new leads of a household that is here",
        "  1 row: join a lead that is here",
        "  1 row: wait for their center in the ledger",
        "  25 rows: can't become leads",
        "Would wait:",
        "  row 30: No center has the name 'TOFA Mars'",
    ]
    assert lines[9:11] == ["Would be left out:", "  row 2: No phone or email"]
    assert lines[-1] == "  and 5 more"
    assert leads(db) == 0


def test_what_a_file_says_does_not_steer_the_terminal(
    here: Path, centers: None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = here / "leads.csv"
    file.write_text("Mobile \x1b[2J,nearest_tofa\n1,\x1b]0;Zoë\x07\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["import", str(file), "--plan"]) == 0
    assert main(["import", str(file), "--mapping", "{}"]) == 1
    out, err = capsys.readouterr()
    assert "The column 'Mobile \ufffd[2J'" in out
    assert "No center has the name '\ufffd]0;Zoë\ufffd'" in out
    assert "\n  \ufffd]0;Zoë\ufffd\n" in err
    assert not {"\x1b", "\x07"} & {*out, *err}


def test_import_with_a_mapping(
    here: Path, centers: None, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = here / "leads.csv"
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
        ("leads.pdf", b"%PDF", "Only .csv, .xlsx and .xls files can be read."),
        ("leads.csv", b"a,b\n1,2\n", "The file has no column for the center"),
        ("none.csv", None, "none.csv: No such file or directory."),
    ],
)
def test_import_of_what_is_no_spreadsheet(
    here: Path,
    centers: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes | None,
    says: str,
) -> None:
    monkeypatch.chdir(here)
    if content is not None:
        Path(name).write_bytes(content)
    capsys.readouterr()
    assert main(["import", name]) == 1
    assert capsys.readouterr().err.startswith(says)


@ON_SQLITE
def test_the_limit_of_uploads_is_not_the_command_lines(
    here: Path, centers: None, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_UPLOAD_MB", "1")
    address = "x" * 2000
    file = here / "leads.csv"
    rows = (f"+9198{number:08},{address},TOFA Miyapur\n" for number in range(600))
    file.write_text("phone,address_and_pincode,nearest_tofa\n" + "".join(rows))
    assert file.stat().st_size > 1 << 20
    assert main(["import", str(file)]) == 0
    assert leads(db) == 600


@pytest.fixture
def filled(here: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["demo"]) == 0


def test_export(
    here: Path, filled: None, db: Database, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for name in ("leads.csv", "leads.xlsx"):
        assert main(["export", str(here / name)]) == 0
        assert capfdbinary.readouterr().out.startswith(b"500 leads written to ")
    assert main(["export", "-", "--center", "TOFA Tellapur", "--status", "Joined"]) == 0
    out, err = capfdbinary.readouterr()
    assert err == b""
    assert out.startswith(b"id,created_time,")
    assert 5 < out.count(b",TOFA Tellapur,Joined,") == out.count(b"\r\n") - 1 < 100

    assert main(["export", str(here / "leads.ods")]) == 1
    assert b"has to end with .csv or .xlsx." in capfdbinary.readouterr().err
    assert main(["export", str(here / "no" / "leads.csv")]) == 1
    assert capfdbinary.readouterr().err.endswith(b": No such file or directory.\n")
    assert main(["export", "-", "--center", "Mars"]) == 1
    assert b"There is no center 'Mars'" in capfdbinary.readouterr().err


@ON_SQLITE
def test_a_reader_that_has_read_enough(here: Path, filled: None) -> None:
    command = [sys.executable, "-m", "backend", "export", "-"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"id,")
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


# The example academy


def test_demo(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    logins = re.findall(r"^  (\S+@example\.com) +(\S+)", out, re.MULTILINE)
    assert len(logins) == 6
    assert out.endswith("Serve it: python -m backend serve\n")
    with db.read() as session:
        email, password = logins[0]
        user = auth.find(session, email)
        assert user is not None
        assert passwords.verify(password, user.hashed_password)[0]
        # And nobody else: whoever runs the example need not look for another password.
        assert len(session.scalars(select(User)).all()) == 6

    assert main(["demo"]) == 1
    assert "has leads or centers already" in capsys.readouterr().err
    served: list[object] = []

    def serve(arguments: object) -> int:
        served.append(arguments)
        return 0

    monkeypatch.setattr("backend.cli.serve.serve", serve)
    assert main(["demo", "--serve"]) == 0
    assert len(served) == 1
    assert "is here already" in capsys.readouterr().out
    assert leads(db) == academy.LEADS


def test_demo_leaves_real_leads_alone(
    centers: None, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--serve"]) == 1
    assert "has leads or centers already" in capsys.readouterr().err
    assert leads(db) == 0


# Serving


def test_a_body_does_not_wait_for_the_client() -> None:
    """Until it has confirmed the head: a connection is one that sends at once."""
    with (
        serving._listen("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@ON_SQLITE
@pytest.mark.parametrize(
    "command", ["serve", "serve --workers 2", "serve --wsgi", "demo --serve", "demo --serve --wsgi"]
)
def test_serve(here: Path, command: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "backend", *command.split(), "--port", "0"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever runs the tests in a shell's background has it ignored, and so would the server.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = ""
        try:
            while "Ctrl-C" not in said:
                line = process.stdout.readline()
                assert line, process.stderr.read()
                said += line
            where = re.search(r"TOFA CRM is at (http://127\.0\.0\.1:\d+)/ ", said)
            assert where is not None
            answer = httpx.get(f"{where[1]}/centers/", timeout=PATIENCE)
            assert answer.status_code == 200
            assert answer.http_version == "HTTP/1.1", "a list that breaks off has to show it"
            assert len(answer.json()) == (4 if "demo" in command else 0)
            # Ctrl-C reaches every process of the terminal.
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0
    assert "Traceback" not in err
    assert '"GET /centers/ HTTP/1.1" 200' in said + out + err


@ON_SQLITE
@pytest.mark.parametrize("options", [[], ["--wsgi"], ["--workers", "2"]], ids=str)
def test_a_port_that_is_in_use(
    here: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port), *options]) == 1
    assert capsys.readouterr() == (
        "",
        f"Port {port} is in use: stop what uses it, or choose another one with --port.\n",
    )


@ON_SQLITE
def test_many_processes_are_for_fastapi(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--wsgi", "--workers", "2"]) == 1
    assert capsys.readouterr().err.startswith("--workers is for FastAPI")


@ON_SQLITE
def test_a_place_where_one_can_not_listen(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", "203.0.113.1", "--port", "0"]) == 1
    assert capsys.readouterr().err.startswith("One can't listen at 203.0.113.1, port 0: ")


# What holds for every command


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
    # What is shown can be used.
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
        ["import"],
        ["export", "a.csv", "b.csv"],
    ],
)
def test_wrong_use(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: " in capsys.readouterr().err


@ON_SQLITE
def test_an_error_that_no_one_foresaw(
    here: Path,
    centers: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("the moon")

    monkeypatch.setattr(upload, "upload", fail)
    file = here / "leads.csv"
    file.touch()
    capsys.readouterr()
    assert main(["import", str(file)]) == 1
    said = capsys.readouterr().err
    assert said == (
        "This should not happen (LookupError: the moon). Run it again with --debug to see where.\n"
    )
    for arguments in (["--debug", "import", str(file)], ["import", str(file), "--debug"]):
        assert main(arguments) == 1
        told = capsys.readouterr().err
        assert told.startswith("Traceback ")
        assert told.endswith(said)


@ON_SQLITE
def test_ctrl_c(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
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
