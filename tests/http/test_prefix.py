"""The API and the web app under a path prefix, such as https://example.com/crm/."""

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect
from starlette.applications import Starlette
from starlette.routing import Mount
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from backend import fastapi_app, flask_app
from backend.core.intake import webhook_access
from tests.browser.conftest import sign_in
from tests.chromium import running
from tests.servers import ADAPTERS, Answer, ASGIServer, Client, WSGIServer
from tests.shape import check_error
from tests.waiting import PATIENCE, wait_until
from tests.world import LEAD, World

PREFIX = "/crm"
# The folders that nginx wants to write to.
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

Place = Callable[[World, ExitStack], int]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(port: int, *command: str, **environ: str) -> Iterator[None]:
    """Run a server until the block ends; it answers when the block begins."""
    with subprocess.Popen(command, env=environ or None, stderr=subprocess.PIPE) as started:
        try:
            wait_until(lambda: started.poll() is not None or is_open(port))
            assert started.poll() is None, started.stderr and started.stderr.read()
            yield
        finally:
            started.terminate()
            started.communicate(timeout=PATIENCE)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# Ways to serve under a prefix; each returns the port


def a_mount_in_another_asgi_app(world: World, stack: ExitStack) -> int:
    """`app.mount("/crm", …)`."""
    tofa = fastapi_app.create_app(world.settings)
    stack.callback(fastapi_app.tofa(tofa).close)
    return served(ASGIServer(), Starlette(routes=[Mount(PREFIX, tofa)]), stack)


def a_dispatcher_on_wsgi(world: World, stack: ExitStack) -> int:
    """werkzeug's `DispatcherMiddleware`."""
    tofa = flask_app.create_app(world.settings)
    stack.callback(tofa.extensions["tofa"].close)
    return served(WSGIServer(), DispatcherMiddleware(NotFound(), {PREFIX: tofa}), stack)


def a_script_name(world: World, stack: ExitStack) -> int:
    """`SCRIPT_NAME` in the environment, as uWSGI and gunicorn set it."""
    tofa = flask_app.create_app(world.settings)
    stack.callback(tofa.extensions["tofa"].close)

    def named(environ: dict[str, Any], start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        if not f"{path}/".startswith(f"{PREFIX}/"):
            return NotFound()(environ, start_response)
        environ |= {"SCRIPT_NAME": PREFIX, "PATH_INFO": path.removeprefix(PREFIX)}
        return tofa(environ, start_response)

    return served(WSGIServer(), named, stack)


def a_script_name_on_django(world: World, stack: ExitStack) -> int:
    """The same on the example of another framework."""
    adapter = ADAPTERS["django"]
    tofa = adapter.make(world.settings)
    stack.callback(adapter.close, tofa)
    return served(WSGIServer(), DispatcherMiddleware(NotFound(), {PREFIX: tofa}), stack)


def served(server: ASGIServer | WSGIServer, app: Any, stack: ExitStack) -> int:
    stack.callback(server.stop)
    server.app = app
    return server.port


def uvicorn_behind_nginx(world: World, stack: ExitStack) -> int:
    """`uvicorn --root-path /crm`, behind an nginx that takes the prefix away."""
    port = free_port()
    stack.enter_context(
        process(
            port,
            *(sys.executable, "-m", "uvicorn", "backend.fastapi_app:app", "--port", str(port)),
            *("--root-path", PREFIX, "--log-level", "warning"),
            **environment(world),
        )
    )
    return nginx(stack, f"location {PREFIX}/ {{ proxy_pass http://127.0.0.1:{port}/; }}")


def flask_behind_nginx(world: World, stack: ExitStack) -> int:
    """Flask with `SCRIPT_NAME`, behind an nginx that passes the whole path on."""
    port = a_script_name(world, stack)
    return nginx(stack, f"location {PREFIX} {{ proxy_pass http://127.0.0.1:{port}; }}")


def environment(world: World) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "TOFA_ENV_FILE": "/dev/null",
        "DATABASE_URL": world.settings.database_url,
        "SECRET_KEY": world.settings.secret_key.get_secret_value(),
    }


def nginx(stack: ExitStack, location: str) -> int:
    if not Path(NGINX).exists():
        pytest.skip("nginx is not installed: apt install nginx-light")
    port = free_port()
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    config = folder / "nginx.conf"
    config.write_text(
        f"""
        daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
        events {{}}
        http {{
            access_log off; client_max_body_size 30m;
            {"".join(f"{kind}_temp_path {folder}/{kind};" for kind in TEMPORARY)}
            proxy_set_header Host $http_host;
            server {{ listen 127.0.0.1:{port}; {location} }}
        }}
        """
    )
    stack.enter_context(process(port, NGINX, "-c", str(config), "-e", f"{folder}/error.log"))
    return port


PLACES: list[Place] = [
    a_mount_in_another_asgi_app,
    a_dispatcher_on_wsgi,
    a_script_name,
    a_script_name_on_django,
    uvicorn_behind_nginx,
    flask_behind_nginx,
]


@pytest.fixture(params=PLACES, ids=lambda place: place.__name__)
def port(world: World, request: pytest.FixtureRequest) -> Iterator[int]:
    with ExitStack() as stack:
        yield request.param(world, stack)


class Prefixed(Client):
    """A client that adds the prefix to each path."""

    def request(self, method: str, target: str, **given: Any) -> Answer:
        return super().request(method, f"{PREFIX}{target}", **given)


@SQLITE
@pytest.mark.slow
def test_the_api_and_its_documentation(port: int, world: World) -> None:
    """On one server of each place: to start it takes longer than all of this."""
    check_the_documentation(Prefixed(port))
    client = Prefixed(port, world.token(LEAD))
    check_that_redirects_stay_under_the_prefix(client)
    assert [lead["id"] for lead in client.get("/leads/my_leads").json()] == [1, 2]
    assert client.put("/leads/1?status=Called").json() == {"status": "updated"}
    assert client.get("/leads/1").json()["status"] == "Called"
    assert client.request("OPTIONS", "/users/").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    for answer in (client.get("/nowhere"), client.delete("/users/"), client.get("/leads/999")):
        check_error(answer)
    flat = {"phone_number": "9848022338", "nearest_center": "TOFA Tellapur"}
    own = {"X-Webhook-Token": webhook_access.token(world.settings)}
    answer = client.post("/leads/meta-webhook/", json=flat, headers=own)
    assert answer.json()["status"] == "success"


def check_that_redirects_stay_under_the_prefix(client: Client) -> None:
    assert client.get("/users").headers["location"] == f"{PREFIX}/users/"
    assert client.get("/leads/my_leads/?a=b").headers["location"] == f"{PREFIX}/leads/my_leads?a=b"


def check_the_documentation(client: Client) -> None:
    document = client.get("/openapi.json").json()
    assert document["servers"] == [{"url": PREFIX}]
    flows = document["components"]["securitySchemes"]["sign_in"]["flows"]
    assert flows["password"]["tokenUrl"] == f"{PREFIX}/token"
    page = client.get("/docs").body.decode()
    for name in ("docs/start.js", "docs/swagger-ui.css"):
        assert f'"{name}"' in page
        assert client.get(f"/{name}").status == 200


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from running("the web app under a prefix")


@contextmanager
def visited(browser: Browser, home: str) -> Iterator[Page]:
    """Open a page that must request nothing from outside `home`."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    strayed: list[str] = []

    def note(asked: Request) -> None:
        if not asked.url.startswith((home, "data:", "blob:")):
            strayed.append(asked.url)

    page.on("request", note)
    yield page
    assert strayed == []
    context.close()


@SQLITE
@pytest.mark.slow
def test_the_web_app_in_a_browser(port: int, browser: Browser) -> None:
    """Its files, signing in, its requests, a deep link, the webhook's address."""
    home = f"http://127.0.0.1:{port}{PREFIX}/"
    with visited(browser, home) as page:
        page.goto(home)
        sign_in(page, LEAD)
        page.get_by_role("navigation").wait_for()
        page.goto(f"{home}#/leads")
        expect(page.get_by_role("table")).to_be_visible()
        page.goto(f"{home}#/onboarding")
        expect(page.get_by_text(f"{home}leads/meta-webhook/", exact=True)).to_be_visible()


@SQLITE
@pytest.mark.slow
@pytest.mark.parametrize("port", [a_mount_in_another_asgi_app, flask_behind_nginx], indirect=True)
def test_the_documentation_in_a_browser(port: int, browser: Browser) -> None:
    """It reads nothing but its files and the document, which are compared on all places."""
    home = f"http://127.0.0.1:{port}{PREFIX}/"
    with visited(browser, home) as page:
        page.goto(f"{home}docs")
        # Of a long document only what is in sight is drawn.
        expect(page.get_by_text("/users/me", exact=True).first).to_be_visible()


@pytest.mark.parametrize("place", [a_dispatcher_on_wsgi, a_script_name])
@SQLITE
def test_the_prefix_alone_leads_to_the_web_app(world: World, place: Place) -> None:
    """The web app's addresses are relative to its own: it has to end with a slash."""
    with ExitStack() as stack:
        answer = Client(place(world, stack)).get(PREFIX)
        assert (answer.status, answer.headers["location"]) == (307, f"{PREFIX}/")
