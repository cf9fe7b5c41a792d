"""Every way to start TOFA CRM works, or stops with a message if it can't."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.core.db import Database
from backend.core.lifecycle import startup
from tests.servers import ADAPTERS, ASGIServer, Client
from tests.waiting import PATIENCE, is_soon
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


@contextmanager
def started(way: str, folder: Path, port: int, **given: str) -> Iterator[subprocess.Popen[str]]:
    """Start a server with only these settings. Its output goes to `folder/output`."""
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
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *WAYS[way].format(port=port).split()],
            cwd=ROOT if at_home else folder,
            env=environment,
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
    """The server starts, and its request log doesn't contain the webhook's token."""
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
    for hidden in ("my-secret", "open-sesame"):
        assert hidden not in output
    assert "is=logged" in output, "requests must be logged"
    assert "POST /leads/meta-webhook" in output


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.slow
def test_it_needs_a_valid_key(way: str, tmp_path: Path) -> None:
    """With PostgreSQL every server needs the same key, so none is generated."""
    url = "postgresql://x@127.0.0.1:1/x"
    told = {"": "SECRET_KEY is not set. Use at least", "short": "SECRET_KEY is too short. Use at"}
    with ExitStack() as both:
        processes = []
        for key in told:
            folder = tmp_path / (key or "missing")
            folder.mkdir()
            start = started(way, folder, free_port(), DATABASE_URL=url, SECRET_KEY=key)
            processes.append((folder, both.enter_context(start), told[key]))
        for folder, process, sentence in processes:
            assert process.wait(PATIENCE) not in (0, -signal.SIGKILL)
            assert sentence in (folder / "output").read_text()


# What is wrong with the address of a database, and what is said of it.
WRONG = {
    "nowhere": ("postgresql://me:hun@ter2#/%@127.0.0.1:1/x", "the server 127.0.0.1, port 1, can't"),
    "misread": ("postgresql://me:hun@ter2#/%@host:port/x", "DATABASE_URL can't be read: use"),
    "a folder": ("sqlite:////no/such/folder/tofa.db", "the folder /no/such/folder doesn't exist"),
}


@pytest.mark.parametrize("way", [way for way in WAYS if "Django" not in way])
@pytest.mark.slow
def test_a_wrong_address_is_told_in_a_sentence(way: str, tmp_path: Path) -> None:
    """Without a traceback, and without any part of the password."""
    with ExitStack() as all_of_them:
        processes = []
        for name, (url, told) in WRONG.items():
            folder = tmp_path / name
            folder.mkdir()
            start = started(way, folder, free_port(), DATABASE_URL=url, SECRET_KEY=SECRET_KEY)
            processes.append((folder, all_of_them.enter_context(start), told))
        for folder, process, told in processes:
            assert process.wait(PATIENCE) not in (0, -signal.SIGKILL)
            output = (folder / "output").read_text()
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
# Waits for a line on stdin, so that all processes start at the same moment.
START_AT_ONCE = """
import sys
import backend.flask_app, backend.core.lifecycle.migrate, alembic.command, argon2
print("ready", flush=True)
sys.stdin.readline()
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
def test_many_processes_start_at_once(database_url: str) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "ADMIN_PASSWORD": PASSWORD,
        **({} if database_url.startswith("sqlite") else {"SECRET_KEY": SECRET_KEY}),
    }
    with ExitStack() as all_of_them:
        processes = [
            all_of_them.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", START_AT_ONCE],
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(AT_ONCE)
        ]
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        errors = [process.communicate(timeout=PATIENCE)[1] for process in processes]
        assert [process.returncode for process in processes] == [0] * AT_ONCE, "\n".join(errors)
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
