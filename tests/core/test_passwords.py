"""Passwords: which ones are accepted, how they are stored, and that old hashes still work."""

import subprocess
import sys
from pathlib import Path

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core import passwords
from tests.data.legacy import PEOPLE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def real_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash as the product does: all other tests have cheap hashes, see `tests/conftest.py`."""
    monkeypatch.setattr(passwords, "COST", passwords.Cost())


def test_the_product_has_the_cost_that_is_tested_here() -> None:
    script = "from backend.core import passwords; print(passwords.hash('seven hills'))"
    made = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    assert made.stdout.startswith(b"$argon2id$v=19$m=19456,t=2,p=1$")


def bcrypt_hash(password: bytes) -> str:
    return bcrypt.hashpw(password, bcrypt.gensalt(4)).decode()


@settings(max_examples=8)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
@pytest.mark.slow
def test_only_the_right_password_verifies(password: str) -> None:
    hashed = passwords.hash(password)
    assert hashed.startswith("$argon2id$")
    assert passwords.verify(password, hashed) == (True, None)
    assert passwords.verify(password + " ", hashed) == (False, None)
    assert passwords.verify("", hashed)[0] is (password == "")


def test_every_character_counts() -> None:
    hashed = passwords.hash("x" * 200)
    assert not passwords.verify("x" * 199 + "y", hashed)[0]
    assert not passwords.verify("pass\0word", passwords.hash("pass\0w0rd"))[0]


def test_hashes_are_salted() -> None:
    assert passwords.hash("seven hills") != passwords.hash("seven hills")


@pytest.mark.parametrize(("password", "hashed"), [(row[2], row[3]) for row in PEOPLE])
@pytest.mark.slow
def test_passlib_hashes_verify_and_are_replaced(password: str, hashed: str) -> None:
    right, new = passwords.verify(password, hashed)
    assert right
    assert new is not None
    assert passwords.verify(password, new) == (True, None)
    assert passwords.verify(password + "!", hashed)[0] is (len(password.encode()) >= 72)
    assert passwords.verify("!" + password, hashed) == (False, None)


@pytest.mark.parametrize("length", [71, 72, 73, 200])
def test_a_bcrypt_password_beyond_72_bytes(length: int) -> None:
    """bcrypt reads only 72 bytes, even if they end in the middle of a character."""
    password = "x" + "ë" * length
    hashed = bcrypt_hash(password.encode()[:72])
    right, new = passwords.verify(password, hashed)
    assert right
    assert passwords.verify(password, new) == (True, None)
    assert passwords.verify(password[:30], hashed) == (False, None)


@pytest.mark.parametrize(
    "hashed",
    ["", "plain text", "$2b$12$short", "$2b$", "$2x$04$" + "a" * 53, "$argon2id$",
     "$argon2id$v=19$x", "$1$md5$crypt", "\0"],
)  # fmt: skip
def test_invalid_hashes(hashed: str) -> None:
    assert passwords.verify("plain text", hashed) == (False, None)


@pytest.mark.parametrize("password", ["a\0b", "x" * 4096, "🏏" * 1000])
def test_unusual_passwords(password: str) -> None:
    """A stranger can send anything: it is wrong, but never an error."""
    for hashed in (None, passwords.hash("right password"), bcrypt_hash(b"right password")):
        assert passwords.verify(password, hashed) == (False, None)


def test_a_weaker_hash_is_replaced() -> None:
    from pwdlib.hashers.argon2 import Argon2Hasher

    weak = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash("seven hills")
    right, new = passwords.verify("seven hills", weak)
    assert right
    assert new is not None
    assert "m=19456,t=2,p=1" in new
    assert passwords.verify("wrong", weak) == (False, None)


WEAK = {
    "too_short": ["Use at least 8 characters"],
    "too_long": ["Use at most 1,024 characters"],
    "too_common": [
        "Choose a password that is harder to guess",
        "Choose a password that isn't the email",
        "Choose a password that isn't made up of names used here",
    ],
}


@pytest.mark.parametrize(
    ("password", "kind"),
    [
        ("", "too_short"),
        ("1234567", "too_short"),
        ("पासवर्ड"[:7], "too_short"),
        ("x" * 1025, "too_long"),
        ("password", "too_common"),
        ("PASSWORD1", "too_common"),
        ("12345678", "too_common"),
        ("aaaaaaaaaaaa", "too_common"),
        ("Boss@Tofa.Example", "too_common"),
    ],
)
def test_weak_passwords(password: str, kind: str) -> None:
    (fault,) = passwords.faults(password, "boss@tofa.example")
    assert fault["type"] == f"password_{kind}"
    assert fault["loc"] == ("body", "password")
    assert fault["msg"] in WEAK[kind]


@pytest.mark.parametrize("password", ["x7!kQ2#p", "correct horse", "पासवर्ड 2024", "ab" * 512])
def test_good_passwords(password: str) -> None:
    assert passwords.faults(password, "boss@tofa.example") == []


WORDS = passwords.words_in("Kavya Reddy", "TOFA Tellapur", "Hyderabad")


@pytest.mark.parametrize(
    "password",
    ["Tofa@2024", "tofaacademy", "T0F@Tellapur!", "kavyareddy", "Reddy.Kavya-1990", "hyderabad#500",
     "tellapur tofa crm", "BossTofa123", "adminadmin1", "K4vy4#2026"],
)  # fmt: skip
def test_names_that_are_known_here(password: str) -> None:
    (fault,) = passwords.faults(password, "boss@tofa.example", WORDS)
    assert fault["type"] == "password_too_common"
    assert fault["msg"] in WEAK["too_common"]


@pytest.mark.parametrize(
    "password",
    ["rain over tellapur", "seven hills academy", "kavya likes mango", "x7!kQ2#p",
     "9848-0223-3871"],
)  # fmt: skip
def test_names_in_a_longer_password(password: str) -> None:
    assert passwords.faults(password, "boss@tofa.example", WORDS) == []
