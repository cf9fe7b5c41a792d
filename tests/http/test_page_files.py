"""The page's files: served by name alone, those of libraries at any depth."""

import json
import re
from pathlib import Path

import pytest

from tests.servers import Client

pytestmark = pytest.mark.every_adapter(database="sqlite")

WEB = Path(__file__).resolve().parents[2] / "backend" / "web"
APP, VENDOR = WEB / "app", WEB / "vendor"
MODULES = sorted(path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*.js"))


def test_every_module_of_a_library_is_served(client: Client) -> None:
    for name in MODULES:
        answer = client.get(f"/web/vendor/{name}")
        assert (answer.status, answer.body) == (200, (VENDOR / name).read_bytes()), name
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


def test_our_modules_come_without_comments_and_with_all_of_their_code(client: Client) -> None:
    for path in sorted(APP.rglob("*.js")):
        served = client.get(f"/web/{path.relative_to(APP).as_posix()}").body.decode().splitlines()
        source = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        code = [line for line in source if line and not line.startswith(("//", "/*", "* ", "*/"))]
        whole = "\n".join(served).replace(" as ", ": ")
        for line in code:
            # A type that is named within a line is the one thing that goes. Names may be taken from
            # another file (tests/web/test_linking.py), but all of them are.
            for part in re.split(r'/\*\* @.*?\*/ ?|^import | from "\.[^"]*";$', line):
                assert part.strip().replace(" as ", ": ") in whole, (path, line)
        assert not [line for line in served if line.startswith(("//", "/**", " "))], path


def version(client: Client) -> str:
    (found,) = set(re.findall(rb'"web/~(\w+)/', client.get("/").body))
    return str(found, "ascii")


def test_a_file_is_kept_for_good_under_its_version(client: Client) -> None:
    now = version(client)
    for name in ("app.js", "styles.css", "pages/next.js", "vendor/htm/preact.js"):
        plain, kept = client.get(f"/web/{name}"), client.get(f"/web/~{now}/{name}")
        assert plain.body == kept.body
        assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert plain.headers["cache-control"] == "no-cache"
        # Nobody will ask whether it still holds; who does all the same is told.
        etag = plain.headers["etag"]
        assert "etag" not in kept.headers
        again = client.get(f"/web/~{now}/{name}", headers={"If-None-Match": etag})
        assert (again.status, again.body) == (304, b"")
    assert client.get("/").headers["cache-control"] == "no-cache"


def test_a_page_of_another_version_goes_on(client: Client) -> None:
    answer = client.get("/web/~0123456789ab/pages/next.js")

    assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")


def test_the_service_worker_names_files_that_are_kept_for_good(client: Client) -> None:
    answer = client.get("/sw.js")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    # By its own policy it may ask for the files.
    assert "connect-src 'self'" in answer.headers["content-security-policy"]
    found = re.match(rb"globalThis\.SHELL = (\{.*?\});\n", answer.body)
    assert found is not None
    shell = json.loads(found[1])
    assert shell["version"] == version(client)
    assert {"app.js", "api.js", "styles.css", "pages/lead.js", "outbox.js"} <= {*shell["files"]}
    for name in shell["files"]:
        kept = client.get(f"/web/~{shell['version']}/{name}")
        assert kept.headers["cache-control"].endswith("immutable"), name


def test_nothing_runs_but_what_is_from_here(client: Client) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= {*policy.split("; ")}
    # By itself a file runs nothing: a picture may have scripts in it.
    alone = client.get("/web/icon.svg").headers["content-security-policy"]
    assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= {
        *alone.split("; ")
    }
    assert "script-src" not in alone


def test_scripts_and_sheets_have_no_headers_that_do_nothing_for_them(client: Client) -> None:
    folder = f"/web/~{version(client)}"
    for name in ("app.js", "styles.css", "vendor/htm/preact.js"):
        headers = client.get(f"{folder}/{name}").headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-site"
        assert headers["content-security-policy"] == "frame-ancestors 'none'"
        assert not {"x-frame-options", "referrer-policy"} & {*headers}
    # What is a page, a picture or a worker has all of them.
    for name in ("/", f"{folder}/icon.svg", "/sw.js"):
        headers = client.get(name).headers
        assert headers["x-frame-options"] == "DENY", name
        assert headers["referrer-policy"] == "same-origin", name
        assert "default-src 'none'" in headers["content-security-policy"], name


def test_the_page_names_no_file_without_its_version(client: Client) -> None:
    page = client.get("/").body
    for address in re.findall(rb'(?:href|src)="([^"]+)"', page):
        assert address.startswith(f"web/~{version(client)}/".encode())
        assert client.get(f"/{address.decode()}").status == 200


@pytest.mark.parametrize(
    "name",
    [
        "htm",
        "swagger-ui/preact.js",
        "htm/VENDOR.toml",
        "htm//preact.js",
        "htm/chunk.00000000.js",
        "htm%2f..%2f..%2fapp%2fapp.js",
        "htm/%2e%2e/htm/preact.js",
        "%2fetc/passwd",
        "htm/preact.js%00",
        "~",
        "~0123456789ab",
        ".gitattributes",
    ],
)
def test_nothing_else_can_be_named(client: Client, name: str) -> None:
    for folder in ("vendor/", "", "~0123456789ab/vendor/"):
        assert client.get(f"/web/{folder}{name}").status == 404, folder


def test_a_slash_too_many_is_mended(client: Client) -> None:
    answer = client.get("/web/vendor/swagger-ui/swagger-ui-bundle.js/")

    assert answer.status == 307
    assert answer.headers["location"] == "/web/vendor/swagger-ui/swagger-ui-bundle.js"
