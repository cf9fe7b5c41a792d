"""Every way to start TOFA CRM works, or stops with a message if it can't."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.core.db import Database
from backend.core.lifecycle import startup
from tests import forking
from tests.servers import ADAPTERS, ASGIServer, Client
from tests.waiting import is_soon
from tests.world import PASSWORD, SECRET_KEY, settings_for

ROOT = Path(__file__).resolve().parents[1]

WSGI_FILE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from backend.flask_app import application
"""
SERVE_WSGI_FILE = """
import runpy, sys
from wsgiref.simple_server import make_server
application = runpy.run_path(sys.argv[1])["application"]
make_server("127.0.0.1", int(sys.argv[2]), application).serve_forever()
"""

# The arguments for each way. `wsgi.py` is a file like the one on PythonAnywhere.
WAYS = {
    "uvicorn backend.fastapi_app:app": "-m uvicorn backend.fastapi_app:app --port {port}",
    "uvicorn backend.main:app": "-m uvicorn backend.main:app --port {port}",
    "flask run": "-m flask run --port {port}",
    "python -m backend.flask_app": "-m backend.flask_app --port {port}",
    "a WSGI file": "serve.py wsgi.py {port}",
    "the example on Django": "-m examples.django.manage runserver --noreload {port}",
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def start(way: str, folder: Path, port: int, **given: str) -> forking.Start:
    """How to start a server with only these settings. Its output goes to `folder/output`."""
    at_home = way != "a WSGI file"
    if not at_home:
        (folder / "wsgi.py").write_text(WSGI_FILE)
        (folder / "serve.py").write_text(SERVE_WSGI_FILE)
    environment = {
        **os.environ,
        "TOFA_ENV_FILE": os.devnull,
        "ADMIN_PASSWORD": PASSWORD,
        "FLASK_APP": "backend.flask_app",
        **given,
    }
    return forking.Start(
        WAYS[way].format(port=port).split(),
        str(folder / "output"),
        environment,
        str(ROOT if at_home else folder),
    )


@contextmanager
def started(way: str, folder: Path, port: int, **given: str) -> Iterator[subprocess.Popen[str]]:
    """Start a server as a person would, see `start`."""
    how = start(way, folder, port, **given)
    with Path(how.output).open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *how.arguments],
            cwd=how.folder,
            env=how.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait_until_open(port: int, process: subprocess.Popen[str], folder: Path) -> None:
    def is_open() -> bool:
        assert process.poll() is None, (folder / "output").read_text()
        with suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        return False

    assert is_soon(is_open), f"It doesn't listen: {(folder / 'output').read_text()}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.slow
def test_it_starts(way: str, tmp_path: Path) -> None:
    """The server starts, and its log names each request, but nothing of its query."""
    port = free_port()
    given = {"DATABASE_URL": f"sqlite:///{tmp_path}/tofa.db", "WEBHOOK_TOKEN": "open-sesame"}
    with started(way, tmp_path, port, **given) as process:
        wait_until_open(port, process, tmp_path)
        client = Client(port)
        answer = client.get("/centers/?is=logged")
        statuses = [
            client.get("/leads/meta-webhook/?hub.mode=subscribe&hub.verify_token=my-secret").status,
            client.post("/leads/meta-webhook/?token=open-sesame", json={}).status,
            client.post("/leads/meta-webhook?token=open-sesame", json={}).status,
            client.post("/leads/meta%2Dwebhook/?token=my-secret&x=open-sesame", json={}).status,
        ]
        assert client.get("/healthz").status == 200  # the others are logged by now
    assert (answer.status, answer.body) == (200, b"[]")
    assert statuses == [403, 200, 307, 403]
    if way == "a WSGI file":
        return  # the standard library's server doesn't use `logging`
    output = (tmp_path / "output").read_text()
    for hidden in ("is=logged", "my-secret", "open-sesame"):
        assert hidden not in output
    assert "GET /centers/" in output, "requests must be logged"
    assert "POST /leads/meta-webhook" in output


# With PostgreSQL every server needs the same key, so none is generated.
KEYS = {
    "no key": ("", "SECRET_KEY is not set. Use at least"),
    "a short key": ("short", "SECRET_KEY is too short. Use at"),
}
# What is wrong with the address of a database, and what is said of it.
WRONG = {
    "nowhere": ("postgresql://me:hun@ter2#/%@127.0.0.1:1/x", "the server 127.0.0.1, port 1, can't"),
    "misread": ("postgresql://me:hun@ter2#/%@host:port/x", "DATABASE_URL can't be read: use"),
    "a folder": ("sqlite:////no/such/folder/tofa.db", "the folder /no/such/folder doesn't exist"),
}
REFUSED: dict[str, dict[str, str]] = {
    **{
        name: {"DATABASE_URL": "postgresql://x@127.0.0.1:1/x", "SECRET_KEY": key}
        for name, (key, _) in KEYS.items()
    },
    **{name: {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY} for name, (url, _) in WRONG.items()},
}
# Imports have no side effects, which is a test of its own.
SHARED = (
    *("backend.fastapi_app", "backend.flask_app", "uvicorn", "flask.cli", "django.core.management"),
    *("psycopg", "sqlalchemy.dialects.postgresql.psycopg", "backend.core.lifecycle.startup"),
)


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[int, str]]:
    """Every way with every set of wrong settings: how its process ended, and what it said."""
    starts = {
        (way, name): start(way, tmp_path_factory.mktemp("refused"), free_port(), **given)
        for way in WAYS
        for name, given in REFUSED.items()
    }
    codes = forking.run(starts.values(), SHARED)
    return {
        case: (code, Path(one.output).read_text())
        for (case, one), code in zip(starts.items(), codes, strict=True)
    }


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.slow
def test_it_needs_a_valid_key(way: str, refusals: dict[tuple[str, str], tuple[int, str]]) -> None:
    for name, (_, sentence) in KEYS.items():
        code, output = refusals[way, name]
        assert code > 0
        assert sentence in output


@pytest.mark.parametrize("way", [way for way in WAYS if "Django" not in way])
@pytest.mark.slow
def test_a_wrong_address_is_told_in_a_sentence(
    way: str, refusals: dict[tuple[str, str], tuple[int, str]]
) -> None:
    """Without a traceback, and without any part of the password."""
    for name, (_, told) in WRONG.items():
        code, output = refusals[way, name]
        assert code > 0
        assert output.count(told) == 1, output
        assert "Traceback" not in output
        assert "hun" not in output
        assert "ter2" not in output


IMPORT = """
import sys
deeds = []
def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        writes = flags & 0o3 and "__pycache__" not in str(path)
        if writes or str(path).endswith((".env", ".db", ".secret")):
            deeds.append((event, arguments))
    elif event in ("socket.bind", "socket.connect", "sqlite3.connect", "os.link",
                   "subprocess.Popen", "os.fork", "_thread.start_new_thread"):
        deeds.append((event, arguments))
sys.addaudithook(watch)
import {module}
assert not deeds, deeds
# Modules that are slow to load, and only needed later.
early = {{"sqlalchemy.dialects.postgresql", "alembic", "httpx", "phonenumbers", "python_calamine"}}
assert not early & set(sys.modules), early & set(sys.modules)
"""


@pytest.mark.parametrize("module", ["backend.fastapi_app", "backend.flask_app", "backend.main"])
@pytest.mark.slow
def test_an_import_has_no_side_effects(module: str, tmp_path: Path) -> None:
    """These settings would raise an error if they were read."""
    (tmp_path / ".env").write_text("DATABASE_URL=nonsense\n")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TOFA_ENV_FILE": str(tmp_path / ".env"),
        "ALGORITHM": "none",
    }
    subprocess.run(
        [sys.executable, "-c", IMPORT.format(module=module)],
        cwd=tmp_path,
        env=environment,
        check=True,
    )
    assert [file.name for file in tmp_path.iterdir()] == [".env"]


AT_ONCE = 8
START = """
from backend.flask_app import application
with application.test_client() as client:
    assert client.get("/centers/").data == b"[]"
application.extensions["tofa"].close()
"""


def check_created_once(url: str) -> None:
    db = Database(settings_for(url).url)
    with db.read() as session:
        connection = session.connection()
        assert connection.execute(text('SELECT count(*) FROM "user"')).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    db.close()


@pytest.mark.slow
def test_many_processes_start_at_once(database_url: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "ADMIN_PASSWORD": PASSWORD,
        **({} if database_url.startswith("sqlite") else {"SECRET_KEY": SECRET_KEY}),
    }
    outputs = [tmp_path / f"output{number}" for number in range(AT_ONCE)]
    imports = ("backend.flask_app", "backend.core.lifecycle.migrate", "alembic.command", "argon2")
    starts = [forking.Start(["-c", START], str(output), environment) for output in outputs]
    said = [forking.run(starts, imports), *(output.read_text() for output in outputs)]
    assert said[0] == [0] * AT_ONCE, said
    check_created_once(database_url)


def at_once(do: Callable[[], object]) -> list[object]:
    """Call a function in several threads at once. Return the results and errors."""
    gate = threading.Barrier(AT_ONCE)
    found: list[object] = []

    def run() -> None:
        gate.wait()
        try:
            found.append(do())
        except Exception as error:  # noqa: BLE001  returned
            found.append(error)

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_many_threads_start_at_once(database_url: str) -> None:
    settings = settings_for(database_url)

    def start() -> None:
        with closing(Database(settings.url)) as db:
            startup.prepare(db, settings)

    assert at_once(start) == [None] * AT_ONCE
    check_created_once(database_url)


@pytest.mark.parametrize("name", ADAPTERS)
def test_many_first_requests_at_once(
    name: str, database_url: str, request: pytest.FixtureRequest
) -> None:
    made = ADAPTERS[name]
    kind = "asgi_server" if made.server is ASGIServer else "wsgi_server"
    server = request.getfixturevalue(kind)
    server.app = made.make(settings_for(database_url))
    client = Client(server.port)
    assert at_once(lambda: client.get("/centers/").status) == [200] * AT_ONCE
    made.close(server.app)
    check_created_once(database_url)
