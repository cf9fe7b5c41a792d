"""The filter of common passwords: what it knows, and that the file is what its sources gave."""

import tomllib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import common_passwords
from backend.core.common_passwords import PATH, SIZE


def test_the_file() -> None:
    content = PATH.read_bytes()
    record = tomllib.loads(PATH.with_name("SOURCES.toml").read_text(encoding="utf-8"))
    assert sha256(content).hexdigest() == record["sha256"]
    assert all(one["name"] and one["source"] and one["licence"] for one in record["lists"])
    hashes = [content[at : at + SIZE] for at in range(0, len(content), SIZE)]
    assert hashes == sorted(set(hashes))
    assert len(hashes) >= 99_990


# Of several ranks in the lists; the first that zxcvbn's own list doesn't know is far up.
@pytest.mark.parametrize(
    "password",
    ["password", "12345678", "PASSWORD123", "iloveyou123", "qwertyuiop", "1q2w3e4r5t", "trustno1",
     "liverpool1", "cricket123", "india123", "abcd1234", "pakistan1", "welcome1", "p@ssw0rd",
     "hyderabad", "admin123", "1qaz2wsx3edc", "zaq12wsx", "sachin123", "krishna123"],
)  # fmt: skip
def test_common_ones(password: str) -> None:
    assert common_passwords.contains(password)
    assert common_passwords.contains(password.title())


@pytest.mark.parametrize(
    "password",
    ["correct horse", "seven hills academy", "x7!kQ2#p", "nine green hills", "पासवर्ड 2024",
     "", "\0"],
)  # fmt: skip
def test_others(password: str) -> None:
    assert not common_passwords.contains(password)


@given(st.text(max_size=50))
def test_the_search_finds_what_the_file_has(password: str) -> None:
    content = PATH.read_bytes()
    wanted = common_passwords.digest(common_passwords.fold(password))
    at = content.find(wanted)
    while at > 0 and at % SIZE:
        at = content.find(wanted, at + 1)
    assert common_passwords.contains(password) == (at >= 0)
