"""A spreadsheet is planned, looked at, committed, and undone again, over HTTP."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from backend.core.database import bulk_insert
from backend.core.imports import store
from tests.core.imports.sheets_of import in_steps_of
from tests.dump import dump
from tests.servers import Client, Upload
from tests.shape import check_error
from tests.world import LEAD, World

CENTER = "_which_is_the_nearest_tofa_center_to_you?"
HEADER = f"created_time,player_name,phone,{CENTER}"
ROWS = (
    "2025-12-05,New,9848000100,TOFA Tellapur",
    "2025-12-05,Zoë Khan,+919848000001,TOFA Tellapur",
    "2025-12-05,Tara Khan,+919848000001,TOFA Tellapur",
    '2025-12-05,"=HYPERLINK(""x"")",,TOFA Tellapur',
    "2025-12-05,Lost,9848000101,TOFA Mars",
)


def sheet(*rows: str, header: str = HEADER) -> Upload:
    return Upload("leads.csv", "\n".join((header, *rows)).encode())


def form(file: Upload, **fields: str) -> dict[str, Any]:
    """A form with a file and other fields, as a request takes it."""
    parts = [
        f'--frontier\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    ]
    head = (
        f'--frontier\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
    )
    body = "".join(parts).encode() + head.encode() + file.content + b"\r\n--frontier--\r\n"
    return {"body": body, "headers": {"Content-Type": "multipart/form-data; boundary=frontier"}}


def plan(lead: Client, *rows: str) -> dict[str, Any]:
    answer = lead.post("/imports/", file=sheet(*rows))
    assert answer.status == 200, answer.body
    made: dict[str, Any] = answer.json()
    return made


def test_from_a_plan_to_its_undoing(lead: Client, world: World) -> None:
    before = dump(world.db, "import", "importrow")
    made = plan(lead, *ROWS)
    created_at = made.pop("created_at")
    assert created_at.endswith("Z")
    layout = made.pop("layout")
    assert (layout["header_row"], [one["column"] for one in layout["dates"]]) == (
        1,
        ["created_time"],
    )
    totals = {"create": 1, "sibling": 1, "join": 1, "known": 0, "waiting": 1, "reject": 1}
    assert made == {
        "id": 1,
        "state": "planned",
        "filename": "leads.csv",
        "created_by": 1,
        "columns": HEADER.split(","),
        "mapping": {
            "created_time": "created_time",
            "player_name": "player_name",
            "phone": "phone",
            CENTER: "center",
        },
        "rows_done": 5,
        "rows_total": 5,
        "totals": totals,
        "problem": None,
        "fields": {
            "created_time": ["created_time"],
            "player_name": ["player_name"],
            "phone": ["phone"],
            "center": [CENTER],
        },
        "statuses": [],
        "doubts": {},
        "proposed": [],
    }
    assert dump(world.db, "import", "importrow") == before

    listed = lead.get("/imports/").json()
    assert [one["id"] for one in listed] == [1]
    assert list(listed[0]) == [
        "id", "state", "filename", "created_at", "created_by", "columns", "mapping", "rows_done",
        "rows_total", "totals", "problem", "fields", "statuses", "doubts", "layout",
    ]  # fmt: skip
    assert lead.get("/imports/1").json() == listed[0]
    rows = lead.get("/imports/1/rows").json()
    assert [row["verdict"] for row in rows] == ["create", "join", "sibling", "reject", "waiting"]
    assert rows[0] == {
        "row": 2,
        "verdict": "create",
        "reasons": [],
        "lead_id": None,
        "fields": {
            "created_time": "2025-12-04T18:30:00Z",
            "player_name": "New",
            "phone": "9848000100",
            "center": "TOFA Tellapur",
        },
        "cells": None,
        "columns": {},
    }
    assert [row["reasons"] for row in rows[1:]] == [
        [
            {
                "code": "same_phone_and_name",
                "message": "Same phone and name as lead 1",
                "lead_id": 1,
            }
        ],
        [
            {
                "code": "same_phone_other_name",
                "message": "Same phone as lead 1, another name",
                "lead_id": 1,
            }
        ],
        [{"code": "no_contact", "message": "No phone or email"}],
        [
            {
                "code": "unknown_center",
                "message": "No center has this name: TOFA Mars",
                "center": "TOFA Mars",
            }
        ],
    ]
    assert rows[3]["cells"] == ["2025-12-05", '=HYPERLINK("x")', "", "TOFA Tellapur"]

    done = lead.post("/imports/1/commit").json()
    assert (done["state"], done["totals"]) == ("committed", totals)
    assert len(lead.get("/leads/my_leads").json()) == 4
    (waiting,) = lead.get("/deliveries/?state=waiting").json()
    assert (waiting["source"], waiting["center_text"]) == ("upload", "TOFA Mars")

    lead.put("/leads/3?status=Called")
    assert lead.post("/imports/1/undo").json() == {
        "state": "undone",
        "leads_removed": 1,
        "leads_restored": 1,
        "kept": [
            {
                "lead_id": 3,
                "row": 2,
                "code": "lead_changed_since",
                "message": "Someone has changed this lead since the import",
            }
        ],
    }
    assert [one["id"] for one in lead.get("/leads/my_leads").json()] == [1, 2, 3]
    for path in ("/imports/1/undo", "/imports/1/commit"):
        answer = lead.post(path)
        check_error(answer)
        assert answer.status == 409


def test_a_plan_that_has_changed(lead: Client, world: World) -> None:
    plan(lead, *ROWS)
    flat = {
        "phone_number": "9848000100", "full_name": "new", "nearest_center": "TOFA Tellapur",
    }  # fmt: skip
    assert lead.post("/leads/meta-webhook/", json=flat).json()["status"] == "success"
    before = dump(world.db, "import", "importrow")
    answer = lead.post("/imports/1/commit")
    check_error(answer)
    assert answer.status == 409
    assert "Row 2: review the new plan" in answer.json()["detail"]
    assert dump(world.db, "import", "importrow") == before
    rows = lead.get("/imports/1/rows?verdict=join").json()
    assert [(row["row"], row["lead_id"]) for row in rows] == [(2, 3), (3, 1)]
    assert lead.post("/imports/1/commit").json()["totals"]["join"] == 2


def test_how_far_it_is_can_be_read_meanwhile(lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Any, ...]] = []

    def looked_at(call: Callable[..., Any]) -> Callable[..., Any]:
        def look(*given: Any) -> Any:
            shown = lead.get("/imports/1").json()
            assert lead.get("/imports/").json() == [shown]
            seen.append((shown["state"], shown["rows_done"], shown["rows_total"]))
            return call(*given)

        return look

    monkeypatch.setattr(bulk_insert, "BATCH", 3)
    in_steps_of(monkeypatch, 3)
    for name in ("add_rows", "set_leads"):
        monkeypatch.setattr(store, name, looked_at(getattr(store, name)))
    plan(lead, *(f"2025-12-05,A,98480001{n:02},TOFA Tellapur" for n in range(8)))
    assert lead.post("/imports/1/commit").status == 200
    assert seen == [
        *(("planning", done, 8) for done in (0, 3, 6)),
        # While the first step is written, nothing of it shows yet.
        ("planned", 8, 8),
        *(("committing", done, 8) for done in (2, 5)),
    ]


def test_the_rows_page_by_page(lead: Client) -> None:
    plan(lead, *(f"2025-12-05,A,98480001{n:02},TOFA Tellapur" for n in range(5)), ROWS[3])
    pages = [lead.get(f"/imports/1/rows?limit=2&after={after}").json() for after in (0, 3, 5, 7)]
    assert [[row["row"] for row in page] for page in pages] == [[2, 3], [4, 5], [6, 7], []]
    rejected = lead.get("/imports/1/rows?verdict=reject").json()
    assert [row["row"] for row in rejected] == [7]
    for query in ("verdict=odd", "limit=0", "limit=1001", "after=-1", "after=x"):
        answer = lead.get(f"/imports/1/rows?{query}")
        check_error(answer)
        assert answer.status == 422, query


def test_the_imports_page_by_page(lead: Client) -> None:
    for _ in range(3):
        plan(lead, ROWS[0])
    assert [one["id"] for one in lead.get("/imports/?limit=2").json()] == [3, 2]
    assert [one["id"] for one in lead.get("/imports/?before=2").json()] == [1]


def test_what_is_rejected_is_given_back_mended_and_sent_again(lead: Client) -> None:
    header = f"{HEADER},=shirt,reason"
    rows = (
        '2025-12-05,"=HYPERLINK(""x"")",,TOFA Tellapur,"a\nb",why',
        "2025-12-05,@Zoë,+919848000100,,'-1,",
        "2025-12-05,A,9848000101,TOFA Tellapur,,",
    )
    assert lead.post("/imports/", file=sheet(*rows, header=header)).status == 200
    answer = lead.get("/imports/1/errors.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="import-1-errors.csv"'
    text = answer.body.decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [
        ["created_time", "player_name", "phone", CENTER, "'=shirt", "reason",
         "rejected_because"],
        ["2025-12-05", "'=HYPERLINK(\"x\")", "", "TOFA Tellapur", "a\nb", "why",
         "No phone or email"],
        ["2025-12-05", "'@Zoë", "'+919848000100", "", "'-1", "", "No center"],
    ]  # fmt: skip
    read[1][2], read[2][3] = "9848000102", "TOFA Gachibowli"
    mended = io.StringIO(newline="")
    csv.writer(mended).writerows(read)
    again = Upload("leads.csv", mended.getvalue().encode("utf-8-sig"))
    made = lead.post("/imports/", file=again).json()
    assert made["columns"] == [*header.split(","), "rejected_because"]
    assert made["totals"]["create"] == 2
    fields = [row["fields"] for row in lead.get("/imports/2/rows").json()]
    assert [(one["player_name"], one["answers"]) for one in fields] == [
        ('=HYPERLINK("x")', {"=shirt": "a\nb", "reason": "why"}),
        ("@Zoë", {"=shirt": "-1"}),
    ]
    assert fields[1]["phone"] == "+919848000100"


def quoted(row: str) -> str:
    return ",".join(f'"{cell}"' for cell in row.split(","))


def test_rows_that_are_given_back_twice_have_their_reasons_once(lead: Client) -> None:
    plan(lead, ROWS[3], "2025-12-05,A,9848000101,", ROWS[0])
    first = lead.get("/imports/1/errors.csv").body
    assert first.decode("utf-8-sig").splitlines()[0] == quoted(f"{HEADER},rejected_because")
    reworded = first.replace(b"No phone or email", b"See the notes").replace(
        b'"rejected_because"', b'" Rejected_Because "'
    )
    for content in (first, first + b"\r\n", reworded):
        made = lead.post("/imports/", file=Upload("leads.csv", content)).json()
        assert made["totals"]["reject"] == 2
        assert lead.get(f"/imports/{made['id']}/errors.csv").body == first


def test_a_file_without_rejected_rows_gives_back_its_header(lead: Client) -> None:
    plan(lead, ROWS[0])
    answer = lead.get("/imports/1/errors.csv")
    assert answer.body.decode("utf-8-sig") == f"{quoted(f'{HEADER},rejected_because')}\r\n"


def test_a_mapping(lead: Client) -> None:
    file = sheet("TOFA Tellapur,Zoya,9848000100,x", header="Branch,Whose,Mobile,phone")
    mapping = {"Whose": "player_name", "Mobile": "phone", "phone": "ignore"}
    made = lead.post("/imports/", **form(file, mapping=json.dumps(mapping))).json()
    assert made["mapping"] == {"Branch": "center", "Whose": "player_name", "Mobile": "phone"}
    assert made["proposed"] == ["Branch"]
    lead.post("/imports/1/commit")
    newest = lead.get("/leads/my_leads").json()[-1]
    assert (newest["player_name"], newest["phone"]) == ("Zoya", "9848000100")


WORKED = Upload(
    "crm.csv",
    b"Name,Phone,WhatsApp number,Stage,Notes\n"
    b"Asha,9848000100,9848000101,Gold plan,call in May\n"
    b"Ravi,,9848000102,Ringing,\n",
)


def test_a_sheet_of_leads_that_were_worked_on(lead: Client) -> None:
    """The plan says which column a field came from, what a status stands for, and what is odd."""
    refused = lead.post("/imports/", file=WORKED)
    assert refused.status == 400
    assert "no column for the center" in refused.json()["detail"]
    made = lead.post("/imports/", **form(WORKED, center="TOFA Tellapur")).json()
    assert made["fields"] == {
        "player_name": ["Name"],
        "phone": ["Phone", "WhatsApp number"],
        "status": ["Stage"],
        "comment": ["Notes"],
    }
    assert made["statuses"] == [
        {"text": "Gold plan", "status": None, "rows": 1},
        {"text": "Ringing", "status": "Called", "rows": 1},
    ]
    assert made["doubts"] == {"unknown_status": 1}
    rows = lead.get("/imports/1/rows").json()
    assert [row["columns"] for row in rows] == [
        {"phone": "Phone + WhatsApp number"},
        {"phone": "WhatsApp number"},
    ]
    assert [row["fields"]["center"] for row in rows] == ["TOFA Tellapur"] * 2
    doubtful = lead.get("/imports/1/rows?reason=unknown_status").json()
    assert [row["row"] for row in doubtful] == [2]
    assert doubtful[0]["reasons"] == [
        {
            "code": "unknown_status",
            "message": "The status 'Gold plan' is unknown; it is kept as an answer",
            "status": "Gold plan",
        }
    ]
    assert lead.get("/imports/1/rows?reason=no_center").json() == []
    check_error(lead.get("/imports/1/rows?reason=%25"), "%")

    chosen = json.dumps({"gold plan": "Joined"})
    made = lead.post("/imports/", **form(WORKED, center="TOFA Tellapur", statuses=chosen)).json()
    assert (made["doubts"], made["statuses"][0]["status"]) == ({}, "Joined")
    lead.post(f"/imports/{made['id']}/commit")
    asha, ravi = lead.get("/leads/my_leads").json()[-2:]
    assert (asha["status"], ravi["status"]) == ("Joined", "Called")
    history = lead.get(f"/leads/{asha['id']}/history").json()
    assert [line["kind"] for line in history] == ["comment", "status", "created"]
    assert history[0]["data"]["text"] == "call in May"
    preview = lead.get(f"/imports/{made['id']}/undo").json()
    assert preview == {"leads_to_remove": 2, "leads_to_restore": 0, "leads_to_keep": 0}
    lead.put(f"/leads/{ravi['id']}?status=Joined")
    preview = lead.get(f"/imports/{made['id']}/undo").json()
    assert preview == {"leads_to_remove": 1, "leads_to_restore": 0, "leads_to_keep": 1}
    undone = lead.post(f"/imports/{made['id']}/undo").json()
    assert (undone["leads_removed"], len(undone["kept"])) == (1, 1)
    assert lead.get(f"/imports/{made['id']}/undo").status == 409


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("statuses", "{"),
        ("statuses", "[]"),
        ("statuses", '{"canary7f3a": "canary7f3a"}'),
        ("statuses", '{"Ringing": 1}'),
        ("center", "canary7f3a"),
    ],
)
def test_what_is_no_choice(lead: Client, world: World, name: str, value: str) -> None:
    before = dump(world.db)
    answer = lead.post("/imports/", **form(WORKED, **{"center": "TOFA Tellapur", name: value}))
    check_error(answer, "canary7f3a")
    assert answer.status == 422
    assert answer.json()["errors"][0]["loc"] == ["body", name]
    assert dump(world.db) == before


def test_what_is_no_mapping(lead: Client, world: World) -> None:
    before = dump(world.db)
    file = sheet("TOFA Tellapur,1", header="Branch,phone")
    for mapping in ("{", "[]", '{"Branch": "canary7f3a"}', '{"canary7f3a": "phone"}'):
        answer = lead.post("/imports/", **form(file, mapping=mapping))
        check_error(answer, "canary7f3a")
        assert answer.status == 422
        assert answer.json()["errors"][0]["loc"] == ["body", "mapping"]
    for refused in (sheet("1", header="phone"), Upload("leads.pdf", b"x"), Upload("x.csv", b"")):
        answer = lead.post("/imports/", file=refused)
        check_error(answer)
        assert answer.status == 400
    assert lead.post("/imports/", json={"file": "x"}).status == 422
    assert dump(world.db) == before


def test_an_import_that_is_not_there(lead: Client) -> None:
    for method, path in (
        ("GET", "/imports/9"),
        ("GET", "/imports/9/rows"),
        ("GET", "/imports/9/errors.csv"),
        ("GET", "/imports/9/undo"),
        ("POST", "/imports/9/commit"),
        ("POST", "/imports/9/undo"),
    ):
        answer = lead.request(method, path)
        check_error(answer)
        assert (answer.status, answer.json()) == (404, {"detail": "Import not found"})


def test_an_upload_is_an_import_that_is_done(lead: Client, world: World) -> None:
    assert lead.post("/leads/upload/", file=sheet(*ROWS[:4])).json() == {
        "status": "success",
        "leads_added": 2,
        "already_here": 1,
        "rejected": [{"row": 5, "reason": "No phone or email"}],
    }
    (kept,) = lead.get("/imports/").json()
    assert (kept["state"], kept["rows_total"]) == ("committed", 4)
    errors = lead.get("/imports/1/errors.csv").body.decode("utf-8-sig").splitlines()
    assert len(errors) == 2
    assert lead.post("/imports/1/undo").json()["leads_removed"] == 2
    assert len(lead.get("/leads/my_leads", token=world.token(LEAD)).json()) == 2


def test_the_name_of_a_file_may_be_anything(lead: Client) -> None:
    name = "\0Zoë%00" + "x" * 3000 + ".csv"
    assert lead.post("/imports/", file=Upload(name, sheet(ROWS[0]).content)).status == 200
    long = Upload("x" * 3000 + ".csv", sheet(ROWS[0]).content)
    kept = lead.post("/imports/", file=long).json()
    assert kept["filename"] == "x" * 255
