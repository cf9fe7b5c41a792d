"""Centers, and finding them by their names in forms and spreadsheets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import centers
from backend.core.center_keys import center_key
from backend.core.centers import CenterTaken, Directory
from backend.schemas.centers import NewCenter
from tests.world import GACHIBOWLI, TELLAPUR, World


@pytest.mark.parametrize(
    "text", ["TOFA Tellapur", "tofa tellapur", " TOFA  TELLAPUR\n", "tofa\u00a0tellapur"]
)
def test_case_and_spaces_are_ignored(text: str) -> None:
    assert Directory([(1, "TOFA Tellapur"), (2, "TOFA")]).find(text) == 1


def test_an_exact_match_wins() -> None:
    directory = Directory([(1, "tofa"), (2, "TOFA"), (3, " Tofa ")])
    assert [directory.find(text) for text in ("tofa", "TOFA", " Tofa ", "Tofa")] == [1, 2, 3, 1]


@pytest.mark.parametrize("text", ["", " ", "TOFA Tellapu", "Tellapur", "TOFATellapur", "\0"])
def test_unrecognised_names(text: str) -> None:
    assert Directory([(1, "TOFA Tellapur")]).find(text) is None


@given(st.lists(st.text(max_size=8), unique=True, max_size=8))
def test_every_center_is_found_by_its_own_tag(tags: list[str]) -> None:
    directory = Directory(enumerate(tags, 1))
    for id, tag in enumerate(tags, 1):
        assert directory.find(tag) == id
        # Nobody sees anything of a name without a key.
        assert (directory.find(f" {tag} \u200b") is not None) == bool(center_key(tag))


def test_read_from_the_database(world: World) -> None:
    with world.db.read() as session:
        directory = Directory.read(session)
    assert directory.find("tofa tellapur") == TELLAPUR
    assert directory.find("TOFA Gachibowli") == GACHIBOWLI


def test_create(world: World) -> None:
    new = NewCenter(display_name="Kondapur", meta_tag_name="कोंडापुर", city="")
    with world.db.write() as session:
        made = centers.create(session, new)
    expected = {"id": 3, "display_name": "Kondapur", "meta_tag_name": "कोंडापुर", "city": "",
                "location": ""}  # fmt: skip
    assert made == expected
    with world.db.read() as session:
        assert centers.list_all(session)[2] == expected


def test_create_with_a_name_that_is_taken(world: World) -> None:
    new = NewCenter(display_name="Other", meta_tag_name="TOFA Tellapur", city="")
    with pytest.raises(CenterTaken) as refusal, world.db.write() as session:
        centers.create(session, new)
    assert refusal.value.status == 400
    assert refusal.value.detail == "Center with meta tag 'TOFA Tellapur' already exists"
