"""The page's files: served by name alone, those of libraries at any depth."""

from pathlib import Path

import pytest

from tests.servers import Client

VENDOR = Path(__file__).resolve().parents[2] / "backend" / "web" / "vendor"
MODULES = sorted(path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*.js"))


def test_every_module_of_a_library_is_served(client: Client) -> None:
    for name in MODULES:
        answer = client.get(f"/web/vendor/{name}")
        assert (answer.status, answer.body) == (200, (VENDOR / name).read_bytes()), name
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert "script-src 'self';" in answer.headers["content-security-policy"]


def test_only_what_is_named_after_its_content_is_kept_for_good(client: Client) -> None:
    for name in MODULES:
        kept = client.get(f"/web/vendor/{name}").headers["cache-control"]
        if name.startswith("webawesome/chunks/"):
            assert kept == "public, max-age=31536000, immutable"
        else:
            assert kept == "no-cache", name


@pytest.mark.parametrize(
    "name",
    [
        "webawesome",
        "webawesome/components",
        "webawesome/VENDOR.toml",
        "webawesome//chunks",
        "webawesome/chunks/chunk.00000000.js",
        "htm%2f..%2f..%2fapp%2fapp.js",
        "htm/%2e%2e/htm/preact.js",
        "%2fetc/passwd",
        "htm/preact.js%00",
        ".gitattributes",
    ],
)
def test_nothing_else_can_be_named(client: Client, name: str) -> None:
    assert client.get(f"/web/vendor/{name}").status == 404


def test_a_slash_too_many_is_mended(client: Client) -> None:
    answer = client.get("/web/vendor/webawesome/components/dialog/dialog.js/")

    assert answer.status == 307
    assert answer.headers["location"] == "/web/vendor/webawesome/components/dialog/dialog.js"
