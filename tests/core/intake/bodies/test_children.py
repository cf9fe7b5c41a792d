"""A form with several children becomes a lead for each of them, if it is clear what is whose."""

from typing import Any
from urllib.parse import urlencode

import pytest

from backend.core.intake.bodies import formats, submission

FORM = "application/x-www-form-urlencoded"


def told(value: Any) -> list[dict[str, str]]:
    """Return the fields of each lead; of one lead, a list of one."""
    found = submission.split(value)
    leads = [value] if found is None else found
    return [dict(submission.single(one).map({}, "IN").fields) for one in leads]


def posted(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return told(formats.read(urlencode(pairs).encode(), FORM, "", 1 << 20))


def lead(name: str, phone: str, age: str | None = None) -> dict[str, str]:
    fields = {"player_name": name, "phone": phone, "center": "T"}
    return fields | ({"player_age_category": age} if age else {})


CENTER = ("center", "T")


@pytest.mark.parametrize(
    ("name", "phone", "age"),
    [
        ("name[]", "phone[]", "age[]"), ("name", "phone", "age"),
        ("players[{}][name]", "players[{}][phone]", "players[{}][age]"),
        ("child[{}][full_name]", "child[{}][mobile]", "child[{}][age]"),
        ("players[][name]", "players[][phone]", "players[][age]"),
        ("name[{}]", "phone[{}]", "age[{}]"),
        ("data[kids][{}][name]", "data[kids][{}][phone]", "data[kids][{}][age]"),
    ],
)  # fmt: skip
def test_a_form_with_two_children(name: str, phone: str, age: str) -> None:
    pairs = [
        (key.format(at), text)
        for at, texts in enumerate([("Zoya", "7013010011", "9"), ("Ved", "7013010012", "7")])
        for key, text in zip((name, phone, age), texts, strict=True)
    ]
    assert posted(*pairs, CENTER) == [
        lead("Zoya", "7013010011", "9"),
        lead("Ved", "7013010012", "7"),
    ]


def test_children_who_share_a_phone() -> None:
    one = [("name[]", "Zoya"), ("name[]", "Ved"), ("phone", "7013010011"), CENTER]
    assert posted(*one) == [lead("Zoya", "7013010011"), lead("Ved", "7013010011")]
    twice = [*one, ("phone", "7013010011")]
    assert posted(*twice) == posted(*one)
    blank = [("name", "Zoya"), ("name", "Ved"), ("phone", "7013010011"), ("phone", ""), CENTER]
    assert posted(*blank) == posted(*one)
    nested = {"phone": "7013010011", "center": "T", "players": [{"name": "Zoya"}, {"name": "Ved"}]}
    assert told(nested) == posted(*one)
    assert told({"phone": "7013010011", "center": "T", "children": ["Zoya", "Ved"]}) == posted(*one)


@pytest.mark.parametrize("name", ["full_name", "fullName", "your-full-name", "Full name"])
def test_the_parts_of_a_whole_name_are_one_childs(name: str) -> None:
    """A word alone is no whole name, and a form for several children asks for a list of names."""
    said = {"phone": "7013010011", "center": "T"}
    assert told({name: ["Zoya", "Khan"], **said}) == [lead("Zoya Khan", "7013010011")]
    assert told({name: ["Zoya", "Bano", "Khan"], **said}) == [lead("Zoya Bano Khan", "7013010011")]
    two = [lead("Zoya Khan", "7013010011"), lead("Ved Rao", "7013010011")]
    assert told({name: ["Zoya Khan", "Ved Rao"], **said}) == two
    two = [lead("Zoya", "7013010011"), lead("Ved", "7013010011")]
    assert told({"child_full_name": ["Zoya", "Ved"], **said}) == two
    two = [lead("Zoya", "7013010011", "9"), lead("Ved", "7013010011", "7")]
    assert told({name: ["Zoya", "Ved"], "age": ["9", 7], **said}) == two


def test_an_age_stays_with_its_child() -> None:
    pairs = [
        ("name", "Zoya"),
        ("age", ""),
        ("name", "Ved"),
        ("age", "7"),
        ("name", ""),
        ("age", ""),
    ]
    assert posted(*pairs, ("phone", "7013010011"), CENTER) == [
        lead("Zoya", "7013010011"), lead("Ved", "7013010011", "7")
    ]  # fmt: skip
    same = [("name", "Zoya"), ("age", "7"), ("name", "Ved"), ("age", "7")]
    assert posted(*same, ("phone", "7013010011"), CENTER) == [
        lead("Zoya", "7013010011", "7"), lead("Ved", "7013010011", "7")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        {"name": ["Zoya", "Ved"], "phone": ["7013010011", "7013010012"], "center": "T"},
        {"data": {"name": ["Zoya", "Ved"], "phone": ["7013010011", "7013010012"]}, "center": "T"},
        {"namedValues": {"Child's name": ["Zoya", "Ved", ""], "Center": ["T"],
                         "Phone": ["7013010011", "7013010012", ""]}},
        {"students": {"0": {"first_name": "Zoya", "phone": 7013010011},
                      "1": {"first_name": "Ved", "phone": "7013010012"}}, "center": "T"},
    ],
)  # fmt: skip
def test_lists_of_a_program(value: dict[str, Any]) -> None:
    assert told(value) == [lead("Zoya", "7013010011"), lead("Ved", "7013010012")]


@pytest.mark.parametrize(
    "value",
    [
        {"child_1_name": "Zoya", "child_1_age": "9", "child_2_name": "Ved", "child_2_age": "7"},
        {"Child 1": "Zoya", "Child 1 age": "9", "Child 2": "Ved", "Child 2 age": "7"},
        {"childName": "Zoya", "childAge": "9", "child2Name": "Ved", "child2Age": 7},
        {"q5_children": '[{"Child Name":"Zoya","Age":"9"},{"Child Name":"Ved","Age":"7"}]',
         "name": {"first": "Asma", "last": "Khan"}},
    ],
)  # fmt: skip
def test_children_that_are_counted_in_names_or_written_as_a_text(value: dict[str, Any]) -> None:
    found = told(value | {"phone": "7013010011", "center": "T"})
    assert found == [lead("Zoya", "7013010011", "9"), lead("Ved", "7013010011", "7")]


def test_the_parent_is_no_child() -> None:
    value = {
        "full_name": "Asma Khan", "first_name": "Asma", "phone": "7013010011", "center": "T",
        "kids": [{"first_name": "Zoya", "phone": "7013010012"}, {"name": "Ved", "age": 7}],
    }  # fmt: skip
    first, second = told(value)
    assert first == lead("Zoya", "7013010012 / 7013010011")
    assert second == lead("Ved", "7013010011", "7")
    kept = [dict(submission.single(one).map({}).answers) for one in submission.split(value) or []]
    assert [one["parent full_name"] for one in kept] == ["Asma Khan", "Asma Khan"]


@pytest.mark.parametrize(
    "value",
    [
        {"name": ["Zoya", "Ved"], "phone": ["7013010011", "7013010012", "7013010013"]},
        {"name": ["Zoya", "zoya"], "phone": ["7013010011", "7013010012"]},
        {"name": ["Zoya", "-"], "phone": ["7013010011", "7013010012"]},
        {"name": ["Zoya", "Ved"]},
        {"name": "Zoya", "phone": "7013010011", "child 2 name": "Ved", "child 2 phone": "1"},
        {"name": "Zoya", "phone": "7013010011", "age 1": "9", "age 2": "7"},
        {"name": "Zoya", "phone": ["7013010011", "7013010012"]},
        {"name": "Zoya", "phone": "7013010011", "sports": ["Football", "Cricket"]},
    ],
)
def test_what_is_not_clear_is_one_lead_and_nothing_is_lost(value: dict[str, Any]) -> None:
    assert submission.split(value) is None
    mapped = submission.single(value).map({}, "IN")
    said = " ".join([*mapped.fields.values(), *mapped.answers.values()])
    texts = [one for each in value.values() for one in ([each] if isinstance(each, str) else each)]
    assert [one for one in texts if one not in said] == []
    assert mapped.fields["player_name"] == "Zoya"


def test_the_ages_of_several_children_are_not_one_of_theirs() -> None:
    value = {"name": "Zoya", "phone": "7013010011", "children": [{"age": 9}, {"age": 7}]}
    mapped = submission.single(value).map({}, "IN")
    assert mapped.fields == {"player_name": "Zoya", "phone": "7013010011"}
    assert mapped.answers == {"children 1": "age: 9", "children 2": "age: 7"}


def test_several_emails_in_objects() -> None:
    value = {"name": "Zoya", "emails": [{"value": "a@x.example"}, {"value": "b@x.example"}]}
    mapped = submission.single(value | {"phone": "7013010011"}).map({}, "IN")
    assert mapped.fields["email"] == "a@x.example"
    assert "b@x.example" in mapped.answers.values()
