"""Static files: which are served, in which form, and when none is sent at all."""

import gzip
from pathlib import Path

import pytest

from backend.api.static import Asset, Folder, takes_gzip
from backend.core.errors import NotFound

TEXT = b"The same words over and over. " * 100


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    root = tmp_path / "root"
    (root / "icons").mkdir(parents=True)
    (root / "page.html").write_bytes(TEXT)
    (root / "icons" / "phone.svg").write_text("<svg/>")
    (root / ".hidden.txt").write_text("hidden")
    (root / "notes.py").write_text("pass")
    (tmp_path / "secret.txt").write_text("secret")
    return Folder(root)


def test_it_has_the_files_of_known_types(folder: Folder) -> None:
    assert set(folder.paths) == {"page.html", "icons/phone.svg"}


@pytest.mark.parametrize(
    "name", ["../secret.txt", "/etc/passwd", "icons/../page.html", "icons", "", "page.html\0"]
)
def test_nothing_else_can_be_named(folder: Folder, name: str) -> None:
    with pytest.raises(NotFound):
        folder.get(name)


def test_the_first_folder_wins(folder: Folder, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "page.html").write_text("own")

    both = Folder(own, *[path.parent for path in [folder.paths["page.html"]]])

    assert both.get("page.html").content == b"own"
    assert both.get("icons/phone.svg").content == b"<svg/>"


def test_a_folder_is_read_when_it_is_asked_for(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "late.txt").write_text("late")

    assert folder.get("late.txt").content == b"late"


def test_it_is_sent_plain() -> None:
    response = Asset(TEXT, "text/plain; charset=utf-8").respond({})

    assert (response.status, response.body) == (200, TEXT)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert "content-encoding" not in response.headers


def test_it_is_sent_packed_to_who_takes_it() -> None:
    asset = Asset(TEXT, "text/plain; charset=utf-8")

    plain, packed = asset.respond({}), asset.respond({"accept-encoding": "br, gzip"})

    assert gzip.decompress(packed.body) == TEXT
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] != plain.headers["etag"]


def test_what_packing_does_not_make_smaller_is_sent_plain() -> None:
    for asset in (Asset(b"short", "text/plain; charset=utf-8"), Asset(TEXT, "image/png")):
        response = asset.respond({"accept-encoding": "gzip"})

        assert response.body == asset.content
        assert not {"content-encoding", "vary"} & set(response.headers)


@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_what_is_known_is_not_sent_again(encoding: str, form: str) -> None:
    asset = Asset(TEXT, "text/plain; charset=utf-8")
    request = {"accept-encoding": encoding}
    first = asset.respond(request)

    second = asset.respond({**request, "if-none-match": form.format(first.headers["etag"])})

    assert (second.status, second.body) == (304, b"")
    assert not {"content-type", "content-encoding"} & set(second.headers)
    for name in ("etag", "cache-control", "vary"):
        assert second.headers[name] == first.headers[name]


def test_another_content_has_another_tag() -> None:
    tag = Asset(b"then", "text/plain; charset=utf-8").respond({}).headers["etag"]

    now = Asset(b"now", "text/plain; charset=utf-8").respond({"if-none-match": tag})

    assert (now.status, now.body) == (200, b"now")


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("gzip", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("*", True),
        ("*;q=0, gzip", True),
        ("", False),
        ("br, identity", False),
        ("gzip; q=0", False),
        ("gzip;q=0.000, *", False),
    ],
)
def test_who_takes_gzip(header: str, takes: bool) -> None:
    assert takes_gzip(header) is takes
