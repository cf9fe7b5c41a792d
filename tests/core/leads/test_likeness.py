"""Which pairs are likely duplicates, and why."""

from datetime import date

import pytest

from backend.core.leads.likeness import Known, Likeness, are_similar, reasons

ZOE = Known("zoe khan", frozenset({"+911"}), "a@example.com", "U9", None, 1)
BORN = date(2017, 1, 2)


def like(**changed: object) -> Known:
    kept = {name: getattr(ZOE, name) for name in Known.__slots__}
    return Known(**(kept | changed))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (ZOE, ZOE, [Likeness.SAME_PHONE_SIMILAR_NAME]),
        (ZOE, like(name="zoe k"), [Likeness.SAME_PHONE_SIMILAR_NAME]),
        (ZOE, like(numbers=frozenset({"+912", "+911"})), [Likeness.SAME_PHONE_SIMILAR_NAME]),
        (ZOE, like(name="tara khan"), []),
        (ZOE, like(age="U13"), [Likeness.SAME_NAME_OTHER_AGE]),
        (ZOE, like(age="Under 9"), [Likeness.SAME_PHONE_SIMILAR_NAME]),
        (like(birth_date=BORN), like(birth_date=date(2015, 1, 2)), [Likeness.SAME_NAME_OTHER_AGE]),
        (ZOE, like(name=""), [Likeness.SAME_PHONE_NO_NAME]),
        (like(name=""), like(name=""), [Likeness.SAME_PHONE_NO_NAME]),
        (ZOE, like(name="tara", numbers=frozenset({"+912"})), [Likeness.SAME_EMAIL]),
        (like(numbers=frozenset()), like(numbers=frozenset()), [Likeness.SAME_EMAIL]),
        (ZOE, like(numbers=frozenset(), email=None), []),
        (
            like(birth_date=BORN),
            like(birth_date=BORN, numbers=frozenset({"+912"}), email=None),
            [Likeness.SAME_NAME_BIRTH_DATE_CENTER],
        ),
        (
            like(birth_date=BORN),
            like(birth_date=BORN, numbers=frozenset(), center_id=2, email=None),
            [],
        ),
        (
            like(birth_date=BORN, name=""),
            like(birth_date=BORN, name="", numbers=frozenset(), email=None),
            [],
        ),
        (
            like(birth_date=BORN),
            like(birth_date=BORN, numbers=frozenset({"+912"})),
            [Likeness.SAME_NAME_BIRTH_DATE_CENTER, Likeness.SAME_EMAIL],
        ),
    ],
)
def test_reasons(one: Known, other: Known, expected: list[Likeness]) -> None:
    assert reasons(one, other) == expected
    assert reasons(other, one) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("zoe", "zoe khan"),
        ("zoe k", "zoe khan"),
        ("ravi", "raviteja rao"),
        ("ravi teja", "raviteja"),
        ("khan zoe", "zoe khan"),
        ("arjun rao", "arjunn rao"),
        ("priyanka", "priyanaka"),
        ("om", "om rao"),
    ],
)
def test_similar_names(one: str, other: str) -> None:
    assert are_similar(one, other)
    assert are_similar(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sai teja", "sai kiran"),
        ("syed ali", "syed omar"),
        ("om", "omar"),
        ("a khan", "zoe khan"),
        ("a", "arjun"),
        ("arjun", "tara"),
        ("ravi", "kavi rao"),
    ],
)
def test_other_names(one: str, other: str) -> None:
    assert not are_similar(one, other)
    assert not are_similar(other, one)
