"""What every test can ask for: a database of each kind, the academy in it, a client of each server.

A test that takes `database_url` or `world` runs once on each database. An HTTP test that takes
`client` runs on both servers and both databases, in one of two pairs: FastAPI over SQLite and Flask
over PostgreSQL, or the other way round. Tests of what depends on the adapter are marked
`every_adapter`: they run on each adapter over SQLite, and on both servers over PostgreSQL, unless
they say `every_adapter(database="sqlite")`: their answers don't come from the database.
`--all-adapters` runs all tests so, `--quick` only what is fast on FastAPI over SQLite.
"""

import gc
import os
import shutil
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from backend.core import passwords
from backend.core.db import Database
from backend.core.logs import setting_up
from backend.core.settings import Settings
from tests import compiled, kept, postgres, scratch
from tests.servers import ADAPTERS, ASGIServer, Client, WSGIServer, make_again
from tests.warm import Warm
from tests.world import LEAD, World, build, settings_for

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    max_examples=50,
    # Without the phase that explains a failure: of a state machine it takes an hour.
    phases=[phase for phase in Phase if phase is not Phase.explain],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("quick", settings.get_profile("default"), max_examples=10)
settings.load_profile("default")

for _name in Settings.model_fields:
    os.environ.pop(_name.upper(), None)
os.environ["TOFA_ENV_FILE"] = os.devnull

# There is no garbage while thousands of tests are collected, and a third of the time would go into
# looking for it. `pytest_collection_finish` turns it on again.
gc.disable()
# Hundreds of tests sign in, and what a hash costs is the point of none but those of its own.
passwords.COST = passwords.Cost(passes=1, kib=8)
_no_postgres: list[str] = []
_scratch = scratch.use_memory()
compiled.share()


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """Logs as Python has them: what a test sets up for its process ends with it."""
    yield
    setting_up.tear_down()
    # `serve` sets it for the processes that it starts.
    os.environ.pop("LOG_FORMAT", None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A PostgreSQL of the tests' own."""
    try:
        server = postgres.start()
    except postgres.PostgresUnavailable as error:
        _no_postgres.append(str(error))
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL: {error}")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_copies(postgres_server: postgres.Server) -> Iterator[kept.Copies]:
    """What makes copies of databases of that server."""
    copies = kept.Copies(postgres_server)
    yield copies
    copies.close()


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """What starts processes without their imports."""
    if sys.platform == "win32":
        pytest.skip("there is no fork")
    with Warm() as parent:
        yield parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick",
        action="store_true",
        help="only what is fast: FastAPI over SQLite, without a browser and without `slow` tests",
    )
    parser.addoption(
        "--all-adapters",
        action="store_true",
        help="run each HTTP test on every adapter over SQLite and both servers over PostgreSQL",
    )
    parser.addoption(
        "--servers",
        action="store_true",
        help="also run the tests of every server, which need requirements-servers.txt",
    )
    parser.addoption(
        "--requests", type=int, default=2400, help="how many requests the differential test sends"
    )
    parser.addoption(
        "--leads", type=int, default=150, help="how many leads the reliability tests send"
    )
    parser.addoption(
        "--calls", type=int, default=8, help="how many outcomes each caller of a test records"
    )
    parser.addoption(
        "--kills", type=int, default=4, help="how often the reliability tests kill a process"
    )
    parser.addoption(
        "--backups", type=int, default=5, help="how many backups are made while others write"
    )


def pytest_unconfigure() -> None:
    if _scratch is not None:
        scratch.remove(_scratch)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says at the end what could not be tested, so that a skip is never silent."""
    if _no_postgres:
        terminalreporter.section("NOT TESTED ON POSTGRESQL", sep="!", red=True)
        terminalreporter.line(_no_postgres[0])


@pytest.fixture(scope="session")
def template_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Callable[[str], None]], str]:
    """The URL of a database to copy, of a kind, which `fill` has filled once in a run."""
    made: dict[tuple[str, Callable[[str], None]], str] = {}

    def template(database: str, fill: Callable[[str], None]) -> str:
        if (database, fill) not in made:
            if database == "sqlite":
                url = f"sqlite:///{tmp_path_factory.mktemp('template') / 'tofa.db'}"
            else:
                server: postgres.Server = request.getfixturevalue("postgres_server")
                url = server.create_database()
            fill(url)
            made[database, fill] = url
        return made[database, fill]

    return template


@pytest.fixture(scope="session")
def sqlite_template(template_of: Callable[[str, Callable[[str], None]], str]) -> Path:
    """The academy's file, to copy."""
    return Path(template_of("sqlite", build).removeprefix("sqlite:///"))


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database; `pytest_generate_tests` chooses."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'tofa.db'}"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    url = server.create_database()
    yield url
    server.drop_database(url)


@pytest.fixture
def copy_of(
    database: str,
    template_of: Callable[[str, Callable[[str], None]], str],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> Iterator[Callable[[Callable[[str], None]], str]]:
    """Copies a database that is filled once in a run: `copy_of(fill)` is the URL of a copy."""
    copies: kept.Copies | None = None
    if database != "sqlite":
        copies = request.getfixturevalue("postgres_copies")
    is_new = request.node.get_closest_marker("new_database") is not None
    made: list[str] = []

    def copy(fill: Callable[[str], None]) -> str:
        template = template_of(database, fill)
        if copies is not None:
            url = copies.take(template, is_new=is_new)
        else:
            path = tmp_path / f"copy{len(made)}.db"
            shutil.copy(template.removeprefix("sqlite:///"), path)
            url = f"sqlite:///{path}"
        made.append(url)
        return url

    yield copy
    if copies is not None:
        for url in made:
            copies.give_back(url)


@pytest.fixture
def world(copy_of: Callable[[Callable[[str], None]], str]) -> Iterator[World]:
    """The academy, in a database of its own."""
    made = settings_for(copy_of(build))
    world = World(made, Database(made.url))
    yield world
    world.db.close()


@pytest.fixture(scope="session")
def asgi_server() -> Iterator[ASGIServer]:
    server = ASGIServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def wsgi_server() -> Iterator[WSGIServer]:
    server = WSGIServer()
    yield server
    server.stop()


@pytest.fixture
def adapter() -> str:
    """The name of the adapter; `pytest_generate_tests` chooses."""
    raise NotImplementedError


@pytest.fixture
def serve(
    adapter: str, world: World, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Client]]:
    """Serves the academy with other settings: `serve(trusted_proxies=1)` is a client of that."""
    made = ADAPTERS[adapter]
    fixture = "asgi_server" if made.server is ASGIServer else "wsgi_server"
    server: ASGIServer | WSGIServer = request.getfixturevalue(fixture)
    apps = []

    def start(**given: object) -> Client:
        usual = world.settings
        settings = settings_for(usual.database_url, **given) if given else usual
        server.app = make_again(adapter, settings)
        apps.append(server.app)
        return Client(server.port)

    yield start
    server.calls.wait()
    for app in apps:
        made.close(app)


@pytest.fixture
def client(serve: Callable[..., Client]) -> Client:
    """A client of a real server over the academy; nobody is signed in."""
    return serve()


@pytest.fixture
def lead(client: Client, world: World) -> Client:
    """The client, signed in as the team lead."""
    client.token = world.token(LEAD)
    return client


# What takes longest, so that no process has it left when the others are done: a module stays
# together, and these take more than half a minute each.
FIRST = (
    *("test_every_page", "test_benchmarks", "test_storm", "test_differential", "test_rollup"),
    *("test_migrate", "test_shape", "test_every_way_in", "test_machine", "test_merging"),
    *("test_openapi", "test_matrix", "test_academy", "test_ugly", "test_reports_links"),
    *("test_leads_list", "test_cli", "test_merge_machine", "test_webhook", "test_processing"),
)
SLOW_FOLDERS = ("reliability", "browser")
# What --quick leaves out whole: these need a browser, another server, or minutes, or are about
# what few changes touch, such as older databases and rows that other programs have written.
NOT_QUICK = {
    *("browser", "reliability", "differential", "lifecycle", "serving", "hosting"),
    *("test_benchmarks.py", "test_in_a_browser.py", "test_prefix.py", "test_starting.py"),
    *("test_raw_ids.py", "test_raw_rows.py", "test_hostile.py", "test_ugly.py", "test_shape.py"),
    *("test_native_routes.py", "test_notices.py", "test_meta_check.py", "test_graph_client.py"),
    *("test_password_links.py", "test_passkeys.py", "test_list_order.py", "test_pushing.py"),
    *("test_withdrawing.py", "test_deprecated.py", "test_cli.py", "test_process.py"),
    *("test_summaries.py", "test_background.py"),
}

HERE = Path(__file__).parent
QUICK = ("fastapi", "sqlite")
PAIRS = (
    (QUICK, ("flask", "postgresql")),
    (("flask", "sqlite"), ("fastapi", "postgresql")),
)
EVERY = (
    *((adapter, "sqlite") for adapter in ADAPTERS),
    *((adapter, "postgresql") for adapter in ("fastapi", "flask")),
)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("quick"):
        settings.load_profile("quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest; the rest keeps its order."""
    if not config.getoption("servers"):
        left_out = [item for item in items if item.get_closest_marker("servers")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    if config.getoption("quick"):
        chosen = {item: _is_quick(item) for item in items}
        config.hook.pytest_deselected(items=[item for item in items if not chosen[item]])
        items[:] = [item for item in items if chosen[item]]
    order = {name: number for number, name in enumerate((*FIRST, *SLOW_FOLDERS))}
    items.sort(
        key=lambda item: order.get(item.path.stem, order.get(item.path.parent.name, len(order)))
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Spare --quick the import of what it leaves out."""
    return True if config.getoption("quick") and collection_path.name in NOT_QUICK else None


def pytest_collection_finish() -> None:
    """Spare what is there from now on the search for garbage, now and when the process ends."""
    gc.freeze()
    gc.enable()


def _is_quick(item: pytest.Item) -> bool:
    params = (
        item.callspec.params
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else {}
    )
    return (
        item.get_closest_marker("slow") is None
        and "postgres_server" not in getattr(item, "fixturenames", ())
        and params.get("database", QUICK[1]) == QUICK[1]
        and params.get("adapter", QUICK[0]) == QUICK[0]
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the adapters and databases of a test that doesn't name them itself."""
    own: set[str] = set()
    for mark in metafunc.definition.iter_markers("parametrize"):
        names = mark.args[0]
        own.update(names.replace(" ", "").split(",") if isinstance(names, str) else names)
    if own & {"adapter", "database"}:
        return
    quick = metafunc.config.getoption("quick")
    if "adapter" in metafunc.fixturenames:
        pairs = [QUICK] if quick else _pairs(metafunc)
        metafunc.parametrize(("adapter", "database"), pairs, indirect=["database"])
    elif "database" in metafunc.fixturenames:
        kinds = QUICK[1:] if quick else ("sqlite", "postgresql")
        metafunc.parametrize("database", kinds, indirect=True)


def _pairs(metafunc: pytest.Metafunc) -> tuple[tuple[str, str], ...]:
    marked = metafunc.definition.get_closest_marker("every_adapter")
    if metafunc.config.getoption("all_adapters"):
        return EVERY
    if marked:
        database = marked.kwargs.get("database")
        return tuple(pair for pair in EVERY if database in (None, pair[1]))
    # By the name, so that a test keeps its pair whatever is added beside it.
    return PAIRS[zlib.crc32(metafunc.definition.nodeid.encode()) % 2]
