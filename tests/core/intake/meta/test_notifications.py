"""Meta's side of the protocol."""

import json

import pytest

from backend.core.intake.meta import notifications
from tests.told import FORM, notification

# The vector: a backslash and a u are six characters here, and must be signed as such.
BODY = (
    rb'{"object":"page","entry":[{"id":"1","time":1,"changes":[{"field":"leadgen",'
    rb'"value":{"leadgen_id":"2","x":"\u00e4\u00f6\u00e5"}}]}]}'
)
SIGNATURE = "sha256=f5584351b76949e2399cdad9dc3dfb783288f00fd89eadf6f6d66053129e16c9"


def test_the_signature_is_over_the_raw_bytes() -> None:
    assert notifications.is_signed("app_secret_demo", BODY, SIGNATURE)
    again = json.dumps(json.loads(BODY), ensure_ascii=False).encode()
    assert not notifications.is_signed("app_secret_demo", again, SIGNATURE)
    assert not notifications.is_signed("app_secret_demo", BODY + b"\n", SIGNATURE)
    assert not notifications.is_signed("another", BODY, SIGNATURE)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        SIGNATURE.removeprefix("sha256="),
        SIGNATURE.upper(),
        SIGNATURE.replace("sha256=", "sha1="),
        f" {SIGNATURE}",
        SIGNATURE[:-1],
        "sha256=é",
    ],
)
def test_invalid_signatures(signature: str) -> None:
    assert not notifications.is_signed("app_secret_demo", BODY, signature)


def test_ids_are_texts() -> None:
    huge = 123456789012345678901234567890
    read = notifications.read(json.dumps(notification(123123123123, "18446744073709551617", huge)))
    assert read is not None
    ids = [notice.leadgen_id for notice in read.notices]
    assert ids == ["123123123123", "18446744073709551617", str(huge)]
    assert {notice.form_id for notice in read.notices} == {FORM}


def test_a_lead_that_is_announced_twice() -> None:
    read = notifications.read(json.dumps(notification(5, "5", 5)))
    assert read is not None
    assert [notice.leadgen_id for notice in read.notices] == ["5"]


def test_other_changes_are_skipped() -> None:
    value = notification(1, 2)
    value["entry"][0]["changes"].insert(1, {"field": "feed", "value": {"leadgen_id": 9}})
    value["entry"] += [{"id": 1, "messaging": [{}]}, "odd", {"changes": {"field": "leadgen"}}]
    read = notifications.read(json.dumps(value))
    assert read is not None
    assert ([notice.leadgen_id for notice in read.notices], read.unreadable) == (["1", "2"], 0)
    other = json.dumps(notification(1) | {"object": "instagram"})
    assert notifications.read(other) == notifications.Notification((), 0)


@pytest.mark.parametrize("id", [None, True, 1.5, "", "l:5", "-5", -5, [5], "5" * 41, "\u0665"])
def test_a_change_that_names_no_lead_is_counted(id: object) -> None:
    value = notification(1)
    value["entry"][0]["changes"].append({"field": "leadgen", "value": {"leadgen_id": id}})
    read = notifications.read(json.dumps(value))
    assert read is not None
    assert (len(read.notices), read.unreadable) == (1, 1)


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", "[" * 900 + "]" * 900, '{"entry":[]}'])
def test_bodies_that_are_no_notifications(body: str) -> None:
    assert notifications.read(body) is None
