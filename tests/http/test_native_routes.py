"""Each row is a route of the framework: what is made for FastAPI or Flask finds it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import prometheus_client
import pytest
from fastapi import FastAPI
from flask import Blueprint, Flask, request, url_for
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_fastapi_instrumentator import Instrumentator
from prometheus_flask_exporter import PrometheusMetrics
from pydantic import BaseModel

from backend import fastapi_app, flask_app
from backend.api import routes
from backend.api.operation import Operation
from backend.api.routes import OPERATIONS
from tests.servers import ASGIServer, Client, WSGIServer
from tests.waiting import wait_until
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def flask_rule(operation: Operation) -> str:
    path = operation.path.replace("{name:path}", "<path:name>")
    return path.replace("{", "<").replace("}", ">")


def some_path(operation: Operation) -> str:
    """A path of the operation, which need not exist."""
    return (
        operation.path.replace("{id}", "123456")
        .replace("{name:path}", "ui/icon.js")
        .replace("{name}", "start.js")
    )


@pytest.fixture
def fast(world: World, asgi_server: ASGIServer) -> Iterator[FastAPI]:
    app = fastapi_app.create_app(world.settings)
    asgi_server.app = app
    yield app
    fastapi_app.tofa(app).close()


@pytest.fixture
def flask(world: World, wsgi_server: WSGIServer) -> Iterator[Flask]:
    app = flask_app.create_app(world.settings)
    wsgi_server.app = app
    yield app
    app.extensions["tofa"].close()


def call_each(port: int) -> None:
    """Call each operation, without a token, which is enough to find its route."""
    client = Client(port)
    for operation in OPERATIONS:
        assert client.request(operation.method, some_path(operation)).status < 500


# What the frameworks list


@SQLITE
def test_fastapi_lists_every_row(fast: FastAPI) -> None:
    listed = {
        (route.name, route.path): route.methods - {"HEAD"}  # type: ignore[attr-defined]
        for route in fast.routes
    }
    assert listed == {(row.name, row.path): {row.method} for row in OPERATIONS}
    assert fast.url_path_for("show_lead", id="7") == "/leads/7"


@pytest.mark.slow
def test_flask_lists_every_row(tmp_path: Path) -> None:
    """Without an installation: this address of a database could not be read."""
    made = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "backend.flask_app", "routes"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": "nonsense",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    listed = [line.split() for line in made.stdout.splitlines()]
    for row in OPERATIONS:
        (found,) = [words for words in listed if words[0] == f"tofa:{row.name}"]
        methods = {word.strip(",") for word in found[1:-1]}
        assert (methods - {"HEAD"}, found[-1]) == ({row.method}, flask_rule(row))
    assert list(tmp_path.iterdir()) == []


@SQLITE
def test_a_blueprint_of_a_site_can_have_the_same_name(
    flask: Flask, wsgi_server: WSGIServer
) -> None:
    """Its functions are its own, and what it does before its requests isn't done before ours."""
    site = Blueprint("tofa", __name__)
    asked: list[str] = []

    @site.before_request
    def note() -> None:
        asked.append(request.path)

    @site.get("/own/lead")
    def show_lead() -> str:
        return url_for("tofa.show_lead") + url_for("tofa:show_lead", id=7)

    flask.register_blueprint(site)
    client = Client(wsgi_server.port)
    assert client.get("/own/lead").body == b"/own/lead/leads/7"
    assert client.get("/leads/7").status == 401
    assert asked == ["/own/lead"]


@SQLITE
def test_the_document_has_a_sites_own_routes_too(fast: FastAPI) -> None:
    @fast.get("/mine/hello")
    def hello() -> str:
        return "hello"

    @fast.patch("/leads/")
    def another_method() -> str:
        return "patched"

    paths = fast.openapi()["paths"]
    assert set(paths) == {row.path for row in OPERATIONS if row.documented} | {"/mine/hello"}
    assert set(paths["/leads/"]) == {"get", "post", "patch"}
    assert paths["/leads/"]["get"]["operationId"] == "list_leads"


@SQLITE
def test_your_own_schemas_replace_none_of_the_tables(fast: FastAPI) -> None:
    class Note(BaseModel):
        mine: int

    class Added(BaseModel):
        notes: list[Note]

    @fast.get("/mine/added")
    def added() -> Added:
        return Added(notes=[])

    document = fast.openapi()
    table = orjson.loads(routes.document())
    schemas = document["components"]["schemas"]
    assert schemas | table["components"]["schemas"] == schemas
    assert document["paths"] | table["paths"] == document["paths"]
    content = document["paths"]["/mine/added"]["get"]["responses"]["200"]["content"]
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/OwnAdded"}
    notes = schemas["OwnAdded"]["properties"]["notes"]
    assert notes["items"] == {"$ref": "#/components/schemas/OwnNote"}
    assert list(schemas["OwnNote"]["properties"]) == ["mine"]


# What they hold while a request is served


@SQLITE
def test_fastapi_knows_the_route_of_a_request(fast: FastAPI, asgi_server: ASGIServer) -> None:
    seen: list[str] = []

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        await fast(scope, receive, send)
        seen.append(scope["route"].path)

    asgi_server.app = watched
    call_each(asgi_server.port)
    expected = [row.path for row in OPERATIONS]
    # The client may have the answer before the server is done with the request.
    wait_until(lambda: len(seen) == len(expected))
    assert seen == expected


@SQLITE
def test_flask_knows_the_rule_of_a_request(flask: Flask, wsgi_server: WSGIServer) -> None:
    seen: list[str] = []

    @flask.after_request
    def watch(response: Any) -> Any:
        assert request.url_rule is not None
        seen.append(request.url_rule.rule)
        return response

    call_each(wsgi_server.port)
    assert seen == [flask_rule(row) for row in OPERATIONS]


# Tracing and metrics, as they come from PyPI


@pytest.fixture
def spans() -> Iterator[tuple[InMemorySpanExporter, TracerProvider]]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield exporter, provider
    provider.shutdown()


Spans = tuple[InMemorySpanExporter, TracerProvider]


def routes_of(exporter: InMemorySpanExporter) -> list[tuple[str, object]]:
    """The name and the route of each request's own span."""
    return [
        (span.name, (span.attributes or {}).get("http.route"))
        for span in exporter.get_finished_spans()
        if span.kind.name == "SERVER"
    ]


@SQLITE
def test_opentelemetry_traces_fastapi_by_its_routes(
    fast: FastAPI, asgi_server: ASGIServer, spans: Spans
) -> None:
    exporter, provider = spans
    FastAPIInstrumentor.instrument_app(fast, tracer_provider=provider)
    call_each(asgi_server.port)
    wait_until(lambda: len(routes_of(exporter)) == len(OPERATIONS))
    FastAPIInstrumentor.uninstrument_app(fast)
    assert routes_of(exporter) == [(f"{row.method} {row.path}", row.path) for row in OPERATIONS]


@SQLITE
def test_opentelemetry_traces_flask_by_its_rules(
    flask: Flask, wsgi_server: WSGIServer, spans: Spans
) -> None:
    exporter, provider = spans
    instrumentor: Any = FlaskInstrumentor()  # its methods have no types
    instrumentor.instrument_app(flask, tracer_provider=provider)
    call_each(wsgi_server.port)
    wait_until(lambda: len(routes_of(exporter)) == len(OPERATIONS))
    instrumentor.uninstrument_app(flask)
    assert routes_of(exporter) == [
        (f"{row.method} {flask_rule(row)}", flask_rule(row)) for row in OPERATIONS
    ]


def counted(text: str, metric: str, label: str) -> set[str]:
    """The values of a label of a metric, in Prometheus's text format."""
    lines = [line for line in text.splitlines() if line.startswith(f"{metric}{{")]
    return {line.split(f'{label}="')[1].split('"')[0] for line in lines}


@SQLITE
def test_prometheus_counts_fastapi_by_its_routes(fast: FastAPI, asgi_server: ASGIServer) -> None:
    registry = prometheus_client.CollectorRegistry()
    Instrumentator(registry=registry).instrument(fast).expose(fast, endpoint="/own/metrics")
    call_each(asgi_server.port)
    expected = {row.path for row in OPERATIONS}

    def handlers() -> set[str]:
        text = Client(asgi_server.port).get("/own/metrics").body.decode()
        return counted(text, "http_requests_total", "handler") - {"/own/metrics"}

    wait_until(lambda: len(handlers()) >= len(expected))
    assert handlers() == expected


@SQLITE
def test_prometheus_counts_flask_by_its_rules(flask: Flask, wsgi_server: WSGIServer) -> None:
    registry = prometheus_client.CollectorRegistry()
    PrometheusMetrics(flask, path="/own/metrics", group_by="url_rule", registry=registry)
    call_each(wsgi_server.port)
    text = Client(wsgi_server.port).get("/own/metrics").body.decode()
    found = counted(text, "flask_http_request_total", "status")
    assert found  # each is counted by its status
    assert counted(text, "flask_http_request_duration_seconds_count", "url_rule") == {
        flask_rule(row) for row in OPERATIONS
    }


# With nothing but environment variables

TRACED = """
import asyncio
from backend.fastapi_app import create_app
from backend.flask_app import create_app as create_flask_app
from tests.world import settings_for

settings = settings_for({url!r})
flask = create_flask_app(settings)
flask.test_client().put("/leads/1?status=Called&comment=Zoe")
app = create_app(settings)
scope = {{
    "type": "http", "asgi": {{"version": "3.0"}}, "http_version": "1.1", "method": "PUT",
    "scheme": "http", "path": "/leads/1", "raw_path": b"/leads/1",
    "query_string": b"status=Called&comment=Zoe", "root_path": "", "headers": [(b"host", b"x")],
    "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 8000),
}}

async def receive():
    return {{"type": "http.request", "body": b"", "more_body": False}}

async def send(message):
    pass

asyncio.run(app(scope, receive, send))
"""


@pytest.mark.slow
@pytest.mark.parametrize("conventions", ["", "http"])
def test_opentelemetry_is_set_up_by_its_environment(conventions: str, tmp_path: Path) -> None:
    """Spans of both servers have the route, and nothing of the query."""
    code = TRACED.format(url=f"sqlite:///{tmp_path}/tofa.db")
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("opentelemetry-instrument")),
            sys.executable,
            "-c",
            code,
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "OTEL_TRACES_EXPORTER": "console",
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_LOGS_EXPORTER": "none",
            "OTEL_SERVICE_NAME": "tofa",
            "OTEL_SEMCONV_STABILITY_OPT_IN": conventions,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.findall(r'"http.route": "([^"]+)"', done.stdout)
    assert set(found) == {"/leads/<id>", "/leads/{id}"}
    assert '"service.name": "tofa"' in done.stdout
    assert "Zoe" not in done.stdout
