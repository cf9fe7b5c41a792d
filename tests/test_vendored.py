"""What others made and we carry along: known by name, licence and checksum, and not changed."""

import hashlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
VENDORS = (ROOT / "backend" / "web" / "vendor", ROOT / "tests" / "vendor")
LIBRARIES = sorted(path for vendor in VENDORS for path in vendor.iterdir() if path.is_dir())
RECORD = "VENDOR.toml"

each_library = pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)


@each_library
def test_it_is_known(library: Path) -> None:
    record = tomllib.loads((library / RECORD).read_text())

    for field in ("name", "version", "licence", "homepage", "source"):
        assert record[field]
    assert record["version"] in record["source"]
    assert any(name.startswith("LICEN") for name in record["files"])


@each_library
def test_it_is_as_it_came(library: Path) -> None:
    files = {
        path.relative_to(library).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in library.rglob("*")
        if path.is_file() and path.name != RECORD
    }

    assert files == tomllib.loads((library / RECORD).read_text())["files"]


@each_library
def test_it_has_no_source_maps(library: Path) -> None:
    assert not list(library.rglob("*.map"))
