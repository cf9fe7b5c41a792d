"""The documentation's page and its files, from this host alone."""

import gzip
import re

import pytest

from backend.api import routes
from backend.api.docs import FILES, POLICY
from tests.servers import Client

# What every answer has, and no file changes.
COMMON = {
    "cache-control": "no-cache",
    "vary": "Origin, Accept-Encoding",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-site",
}
GZIP = {"accept-encoding": "gzip"}


def test_the_page(client: Client) -> None:
    answer = client.get("/docs")

    assert answer.status == 200
    assert answer.body == FILES.paths["index.html"].read_bytes()
    assert answer.headers == {
        **COMMON,
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": POLICY,
        "content-length": str(len(answer.body)),
        "etag": answer.headers["etag"],
    }


def test_the_page_asks_no_other_host(client: Client) -> None:
    page = client.get("/docs").body.decode()

    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|<style|https?:", page)
    for path in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert client.get(path).status == 200
    assert b"validatorUrl: null" in client.get("/docs/start.js").body


def test_no_script_can_stand_in_the_page() -> None:
    policy = dict(part.split(" ", 1) for part in POLICY.split("; "))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"


def test_every_file_comes_as_it_is(client: Client) -> None:
    for name, path in FILES.paths.items():
        answer = client.get(f"/docs/{name}")

        assert answer.status == 200
        assert answer.body == path.read_bytes()


def test_the_bundle_is_sent_small_and_once(client: Client) -> None:
    path = "/docs/swagger-ui-bundle.js"

    first = client.get(path, headers=GZIP)
    again = client.get(path, headers={**GZIP, "if-none-match": first.headers["etag"]})

    assert len(first.body) < 600_000
    assert gzip.decompress(first.body) == FILES.paths["swagger-ui-bundle.js"].read_bytes()
    assert first.headers == {
        **COMMON,
        "content-type": "text/javascript; charset=utf-8",
        "content-encoding": "gzip",
        "content-security-policy": POLICY,
        "content-length": str(len(first.body)),
        "etag": first.headers["etag"],
    }
    assert (again.status, again.body) == (304, b"")
    assert again.headers == {
        **COMMON,
        "content-security-policy": POLICY,
        "etag": first.headers["etag"],
    }


def test_the_document(client: Client) -> None:
    first = client.get("/openapi.json")
    again = client.get("/openapi.json", headers={"if-none-match": first.headers["etag"]})

    assert first.body == routes.document()
    assert first.headers["content-type"] == "application/json"
    assert (again.status, again.body) == (304, b"")


def test_a_head_says_how_long_it_is(client: Client) -> None:
    whole = client.get("/docs")

    head = client.request("HEAD", "/docs")

    assert (head.status, head.body, head.headers) == (200, b"", whole.headers)


@pytest.mark.parametrize(
    "name",
    ["none.js", "..%2fvendor", "%2e%2e%2fopenapi.json", "..", "VENDOR.toml", ".gitattributes"],
)
def test_no_other_file_can_be_had(client: Client, name: str) -> None:
    assert client.get(f"/docs/{name}").status == 404
