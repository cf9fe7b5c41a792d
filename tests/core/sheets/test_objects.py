"""JSON as programs export it: each list of objects is a table."""

import json
from typing import Any

import pytest

from backend.core.sheets import Cell, UnreadableFile, Wanted, read_table

A, B = {"name": "Asha", "phone": "7013010011"}, {"name": "Ved", "phone": 7013010012}
TWO = [A, B]


def table(content: str) -> tuple[tuple[str, ...], list[list[Cell]]]:
    found = read_table(content.encode(), "leads.json")
    return found.columns, [cells for _, cells in found.rows]


@pytest.mark.parametrize(
    "value",
    [
        TWO, {"data": TWO}, {"status": "ok", "result": {"leads": TWO, "page": 1}}, [TWO],
        {"name": ["Asha", "Ved"], "phone": ["7013010011", 7013010012]},
        {"name": {"0": "Asha", "1": "Ved"}, "phone": {"0": "7013010011", "1": 7013010012}},
        {"columns": ["name", "phone"], "index": [0, 1], "data": [[*A.values()], [*B.values()]]},
        {"schema": {"fields": []}, "data": TWO}, [["name", "phone"], [*A.values()], [*B.values()]],
        {"values": [["name", "phone"], [*A.values()], [*B.values()]]},
        {"records": [{"fields": A}, {"fields": B}]}, [{"attributes": A}, {"attributes": B}],
        [{"name": {"stringValue": "Asha"}, "phone": {"stringValue": "7013010011"}},
         {"name": "Ved", "phone": {"integerValue": 7013010012}}],
        {"data": [{"field_data": [{"name": key, "values": [text]} for key, text in one.items()]}
                  for one in (A, {**B, "phone": "7013010012"})]},
    ],
)  # fmt: skip
def test_the_shapes_of_exports(value: Any) -> None:
    columns, rows = table(json.dumps(value))
    assert columns == ("name", "phone")
    assert [[str(cell) for cell in row] for row in rows] == [
        ["Asha", "7013010011"], ["Ved", "7013010012"]
    ]  # fmt: skip


@pytest.mark.parametrize("between", ["\n", "\r\n", "\n\n", ",\n", ""])
def test_an_object_a_line(between: str) -> None:
    assert table(between.join(map(json.dumps, TWO)))[1] == [[*A.values()], [*B.values()]]


def test_objects_by_their_ids() -> None:
    columns, rows = table(json.dumps({"-N1": A, "-N2": B | {"age": 9}}))
    assert columns == ("key", "name", "phone", "age")
    assert rows == [["-N1", *A.values(), None], ["-N2", *B.values(), 9]]


def test_values_within_values() -> None:
    said = {
        "parent": {"name": "Asma", "phone": {"full": "1"}},
        "sports": ["Football", "Cricket", None],
        "visits": [{"name": "Ved", "age": 7}, {"name": "Om"}],
        "at": {"_seconds": 1764000000, "_nanoseconds": 0},
        "_id": {"$oid": "6"},
        "consent": True,
        "fee": 2.5,
        "id": 12345678901234567890,
        "none": float("nan"),
        "empty": [],
        "deep": [[1, [2]]],
    }
    columns, rows = table(json.dumps([said]))
    assert dict(zip(columns, rows[0], strict=True)) == {
        "parent name": "Asma", "parent phone full": "1", "sports": "Football, Cricket",
        "visits": "name: Ved, age: 7; name: Om", "at": 1764000000, "_id": "6", "consent": True,
        "fee": 2.5, "id": "12345678901234567890", "none": None, "empty": None, "deep": "[[1, [2]]]",
    }  # fmt: skip
    assert table('[{"phone": "1", "phone": "2"}]')[1] == [["1, 2"]]
    assert table('{"lead": {"name": "Zoya"}, "form": "Trial"}')[1] == [["Zoya", "Trial"]]


@pytest.mark.parametrize(
    "kids",
    [
        [{"name": "Naira", "age": 9}, {"name": "Ved", "age": 7}],
        [{"fullName": "Naira"}, {"fullName": "Ved"}],
        ["Naira", "Ved"],
    ],
)
@pytest.mark.parametrize("key", ["children", "Kids", "players"])
def test_each_child_of_a_family_is_a_row(key: str, kids: list[Any]) -> None:
    family = {"name": "Asma", key: kids, "phone": "1"}
    alone = {"name": "Ravi", key: kids[:1], "phone": "2"}
    columns, rows = table(json.dumps([family, alone, {"name": "Om", "phone": "3", key: []}]))
    assert columns[0] in ("child name", "child fullName")
    at = [columns.index(name) for name in (columns[0], "name", "phone")]
    assert [[row[place] for place in at] for row in rows] == [
        ["Naira", "Asma", "1"], ["Ved", "Asma", "1"], ["Naira", "Ravi", "2"], [None, "Om", "3"]
    ]  # fmt: skip


@pytest.mark.parametrize("kids", [2, "two", [{"age": 9}], [1, 2], None, {"name": "Naira"}])
def test_children_without_names_are_no_rows(kids: Any) -> None:
    assert len(table(json.dumps([{"phone": "1", "kids": kids}, {"phone": "2"}]))[1]) == 2


def test_metas_id_in_an_answer_of_the_graph_api() -> None:
    said = {"id": "428000000000000001", "field_data": [{"name": "phone", "values": ["1"]}]}
    assert table(json.dumps({"data": [said]})) == (
        ("id", "phone"), [["l:428000000000000001", "1"]]
    )  # fmt: skip
    assert table('[{"id": "428000000000000001", "phone": "1"}]')[1] == [
        ["428000000000000001", "1"]
    ]  # fmt: skip


def test_each_list_is_a_table() -> None:
    content = json.dumps({"users": [{"login": "x"}], "leads": TWO}).encode()
    wanted = Wanted(lambda names: sum(name in ("name", "phone") for name in names))
    found = read_table(content, "export.json", wanted)
    assert [(one.name, one.is_taken) for one in found.sheets] == [("users", False), ("leads", True)]
    assert found.columns == ("name", "phone")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"leads": []}', "no list of JSON objects"),
        ("[1, 2, 3]", "no list of JSON objects"),
        ('[{"a": 1}', "isn't JSON to its end"),
        ('[{"name": "x"}]\n<html>', "isn't JSON to its end"),
        ('[{"a": ' * 5000, "nested too deep"),
        (json.dumps([{str(number): 1} for number in range(501)]), "columns"),
        (json.dumps([{"a": "\\0"}]).replace("\\\\0", "\\u0000"), "NUL"),
    ],
)
def test_what_is_refused(content: str, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        table(content)
