"""Centers: listing and adding them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.dump import dump
from tests.servers import Client
from tests.shape import check_error
from tests.world import World

NEW = {"display_name": "Kompally", "meta_tag_name": "TOFA Kompally", "city": "Hyderabad"}
SHOWN = (
    b'{"id":1,"display_name":"Tellapur","meta_tag_name":"TOFA Tellapur",'
    b'"city":"Hyderabad","location":""}'
)


def test_list(client: Client) -> None:
    answer = client.get("/centers/")
    assert answer.status == 200
    assert answer.body == (
        b"[" + SHOWN + b',{"id":2,"display_name":"Gachibowli","meta_tag_name":"TOFA Gachibowli",'
        b'"city":"Hyderabad","location":""}]'
    )


def test_add(lead: Client) -> None:
    answer = lead.post("/centers/", json=NEW)
    assert answer.status == 200
    assert answer.body == (
        b'{"id":3,"display_name":"Kompally","meta_tag_name":"TOFA Kompally",'
        b'"city":"Hyderabad","location":""}'
    )
    other = {
        "display_name": "Zoë",
        "meta_tag_name": " Zoë's «Center» ⚽ ",
        "city": "",
        "location": "Lake Road",
    }
    made = lead.post("/centers/", json=other).json()
    assert made == {"id": 4, **other, "meta_tag_name": "Zoë's «Center» ⚽"}
    assert lead.get("/centers/").json()[2:] == [answer.json(), made]


def test_names_are_unique(lead: Client, world: World) -> None:
    lead.post("/centers/", json={**NEW, "meta_tag_name": 'O\'Brien "é"'})
    before = dump(world.db)
    for tag, written in (
        ("TOFA Tellapur", "TOFA Tellapur"),
        ("  TOFA Tellapur ", "TOFA Tellapur"),
        ('O\'Brien "é"', 'O\'Brien \\"é\\"'),
        ("tofa\u00a0\u200bTELLAPUR.", "TOFA Tellapur"),
        ("\uff34OFA – Tellápur", "TOFA Tellapur"),
        ("o’brien “E”", 'O\'Brien \\"é\\"'),
    ):
        answer = lead.post("/centers/", json={**NEW, "meta_tag_name": tag})
        expected = f'{{"detail":"Center with meta tag \'{written}\' already exists"}}'
        assert (answer.status, answer.body) == (400, expected.encode()), tag
        assert lead.patch("/centers/2", json={"meta_tag_name": tag}).body == expected.encode()
    for name in ("Tellapur", " TELLAPUR\u200e", "tellapur!"):
        answer = lead.post("/centers/", json={**NEW, "display_name": name})
        expected = '{"detail":"A center called \'Tellapur\' already exists"}'
        assert (answer.status, answer.body) == (400, expected.encode()), name
        assert lead.patch("/centers/2", json={"display_name": name}).body == expected.encode()
    assert dump(world.db) == before
    # Its own names in another way are none of another center.
    assert lead.patch("/centers/1", json={"meta_tag_name": "tofa tellapur"}).status == 200


def test_a_name_of_which_nobody_sees_anything(lead: Client, world: World) -> None:
    before = dump(world.db)
    for name in ("display_name", "meta_tag_name"):
        answer = lead.post("/centers/", json={**NEW, name: "\u200b\u00ad"})
        check_error(answer)
        assert answer.json()["errors"][0]["loc"] == ["body", name]
    assert dump(world.db) == before


def test_adding_the_same_center_at_once(lead: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: lead.post("/centers/", json=NEW).status, range(8))
    assert sorted(answers) == [200] + [400] * 7
    assert len(lead.get("/centers/").json()) == 3


def test_invalid_fields(lead: Client, world: World) -> None:
    before = dump(world.db)
    bad: dict[str, list[Any]] = {
        "display_name": ["", "  ", "x" * 501, "a\u0000", 1, None, [], True],
        "meta_tag_name": ["", "\t", "x" * 501, "\u0000", 1, None, {}],
        "city": ["x" * 501, "\u0000", 1, None],
        "location": ["x" * 501, "\u0000", 1, None],
    }
    for name, values in bad.items():
        for value in values:
            answer = lead.post("/centers/", json={**NEW, name: value})
            check_error(answer, "x" * 400)
            assert [fault["loc"] for fault in answer.json()["errors"]] == [["body", name]], value
    missing = lead.post("/centers/", json={})
    assert [fault["loc"][1] for fault in missing.json()["errors"]] == list(NEW)
    assert dump(world.db) == before
