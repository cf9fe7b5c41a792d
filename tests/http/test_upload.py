"""A spreadsheet becomes leads: the usual files, the odd ones, and those that are too large."""

import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from sqlalchemy import select

from backend.core import times
from backend.models import Lead
from tests.dump import dump
from tests.servers import Answer, Client, Upload, multipart
from tests.shape import check_error
from tests.stored import stored
from tests.wire import send, stream
from tests.world import LEAD, World

SAMPLES = Path(__file__).parents[1] / "samples"
PATH = "/leads/upload/"
CENTER = "_which_is_the_nearest_tofa_center_to_you?"
COLUMNS = ("created_time", "player_name", "player_age_category", "phone", "email",
           "address_and_pincode", CENTER)  # fmt: skip
MB = 1 << 20


def csv(*rows: str, header: str = ",".join(COLUMNS)) -> Upload:
    return Upload("leads.csv", "\n".join((header, *rows)).encode())


def xlsx(*rows: tuple[Any, ...], header: tuple[str, ...] = COLUMNS) -> Upload:
    book = openpyxl.Workbook()
    for row in (header, *rows):
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return Upload("Leads.XLSX", written.getvalue())


def sample(name: str) -> Upload:
    return Upload(name, (SAMPLES / name).read_bytes())


def add_centers(lead: Client, *tags: str) -> None:
    for tag in tags:
        center = {"display_name": tag, "meta_tag_name": tag, "city": "Hyderabad"}
        assert lead.post("/centers/", json=center).status == 200


def added(lead: Client) -> list[dict[str, Any]]:
    """The leads that the academy did not begin with."""
    return stored(lead)[2:]


def upload(lead: Client, file: Upload) -> dict[str, Any]:
    answer = lead.post(PATH, file=file)
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.json()
    return told


def test_a_sheet(lead: Client, world: World) -> None:
    answer = lead.post(
        PATH,
        file=csv(
            '2025-12-05T10:00:00+05:30,Zoë Khan 🏆,U9,+919848000009,z@x.example,"1 Lake\nRoad",'
            "TOFA Tellapur",
            "2025-12-06,Arjun,10,098480 00010,,,TOFA Gachibowli",
        ),
    )
    assert (answer.status, answer.body) == (200, b'{"status":"success","leads_added":2}')
    assert added(lead) == [
        {
            "id": 3,
            "created_time": "2025-12-05T04:30:00Z",
            "player_name": "Zoë Khan 🏆",
            "player_age_category": "U9",
            "phone": "+919848000009",
            "email": "z@x.example",
            "address": "1 Lake\nRoad",
            "status": "New",
            "next_followup_date": None,
            "center_id": 1,
        },
        {
            "id": 4,
            "created_time": "2025-12-05T18:30:00Z",
            "player_name": "Arjun",
            "player_age_category": "10",
            "phone": "098480 00010",
            "email": None,
            "address": None,
            "status": "New",
            "next_followup_date": None,
            "center_id": 2,
        },
    ]
    events = [row[1:2] + row[3:6] for row in dump(world.db)["leadevent"]]
    assert events == [(id, 1, "created", '{"source":"upload"}') for id in (3, 4)]
    flat = {"phone_number": "1", "nearest_center": "TOFA Tellapur"}
    assert lead.post("/leads/meta-webhook/", json=flat).json()["lead_id"] == 5


def test_columns_are_found_by_name(lead: Client) -> None:
    for number, header in enumerate(
        (
            f"{CENTER},phone,player_name,remarks",
            f"  {CENTER.upper()} , PHONE ,Player_Name,x",
            "your nearest_tofa center,Phone,  player_name,nearest_tofa again",
            f"\ufeff{CENTER};phone;player_name;x".replace(";", ","),
        )
    ):
        told = upload(
            lead, csv(f"TOFA Gachibowli,0984800100{number},Zoya,TOFA Tellapur", header=header)
        )
        assert told == {"status": "success", "leads_added": 1}, header
        newest = added(lead)[-1]
        assert (newest["center_id"], newest["phone"], newest["player_name"]) == (
            2,
            f"0984800100{number}",
            "Zoya",
        )
    both = csv("TOFA Tellapur,9,TOFA Gachibowli", header=f"nearest_tofa,phone,{CENTER}")
    assert upload(lead, both)["leads_added"] == 1
    assert added(lead)[-1]["center_id"] == 2, "the name in full goes first"


def test_blank_cells_are_null_and_words_are_words(lead: Client) -> None:
    told = upload(
        lead,
        csv(
            "2025-12-05,,  ,1,,,TOFA Tellapur",
            "2025-12-05,NA,null,None,nan,N/A,TOFA Tellapur",
            "2025-12-05,NaN,NULL,,#N/A,none,TOFA Tellapur",
        ),
    )
    assert (told["status"], told["leads_added"]) == ("success", 3)
    assert [one["row"] for one in told["warnings"]] == [2, 3], "a phone of no valid number"
    names = ("player_name", "player_age_category", "phone", "email", "address")
    assert [[one[name] for name in names] for one in added(lead)] == [
        [None, None, "1", None, None],
        ["NA", "null", "None", "nan", "N/A"],
        ["NaN", "NULL", None, "#N/A", "none"],
    ]


def test_phones(lead: Client) -> None:
    """One that is missing changes none of the others."""
    phones = ["+919848000001", "00919848000001", "098480-00001", "9848000001", "1e10", "12.50"]
    rows = [
        f"2025-12-05,{name},U9,{phone},,,TOFA Tellapur"
        for name, phone in zip("abcdef", phones, strict=True)
    ]
    rows.insert(2, "2025-12-05,a,U9,,a@x.example,,TOFA Tellapur")
    assert upload(lead, csv(*rows))["leads_added"] == 7
    kept = [one["phone"] for one in added(lead)]
    assert kept == [*phones[:2], None, *phones[2:]]


def test_a_workbook(lead: Client) -> None:
    """Its numbers come out as their digits, its dates in the zone of the settings."""
    day = date(2025, 12, 5)
    told = upload(
        lead,
        xlsx(
            (
                datetime.combine(day, time(16, 30)),
                "Zoë",
                9,
                919848000001,
                None,
                None,
                "TOFA Tellapur",
            ),
            (day, "Arjun", 9.5, 9848000001.0, None, None, "TOFA Tellapur"),
            ("05/12/2025 4:30 PM", None, "U9", "+91 98480 00002", None, 500001, "TOFA Gachibowli"),
            (None, None, None, None, None, None, None),
            ("2025-12-05", "Tara", True, None, "t@x.example", "Road", " TOFA Tellapur "),
        ),
    )
    assert told == {"status": "success", "leads_added": 4}
    names = ("created_time", "player_age_category", "phone", "address", "center_id")
    assert [[one[name] for name in names] for one in added(lead)] == [
        ["2025-12-05T11:00:00Z", "9", "919848000001", None, 1],
        ["2025-12-04T18:30:00Z", "9.5", "9848000001", None, 1],
        ["2025-12-05T11:00:00Z", "U9", "+91 98480 00002", "500001", 2],
        ["2025-12-04T18:30:00Z", "TRUE", None, "Road", 1],
    ]


def test_an_old_workbook(lead: Client) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("Leads")
    for row, cells in enumerate((("phone", CENTER), (9848000001, "TOFA Tellapur"))):
        for column, cell in enumerate(cells):
            page.write(row, column, cell)
    written = io.BytesIO()
    book.save(written)
    assert upload(lead, Upload("leads.xls", written.getvalue()))["leads_added"] == 1
    assert added(lead)[0]["phone"] == "9848000001"


def test_dates(lead: Client) -> None:
    dates = {
        "2025-12-05": "2025-12-04T18:30:00Z",
        "2025-12-05 16:30": "2025-12-05T11:00:00Z",
        "2025-12-05T16:30:00Z": "2025-12-05T16:30:00Z",
        "2025-12-05T16:30:00-0800": "2025-12-06T00:30:00Z",
        "05/12/2025": "2025-12-04T18:30:00Z",
        "5/12/2025 16:30": "2025-12-05T11:00:00Z",
        "05-12-2025": "2025-12-04T18:30:00Z",
        "31/01/2026 11:30:15 PM": "2026-01-31T18:00:15Z",
    }
    rows = [
        f"{date},a{number},U9,984800010{number},,,TOFA Tellapur"
        for number, date in enumerate(dates)
    ]
    assert upload(lead, csv(*rows)) == {"status": "success", "leads_added": len(dates)}
    assert [one["created_time"] for one in added(lead)] == list(dates.values())


def test_a_date_that_is_none_costs_no_lead(lead: Client) -> None:
    dates = ("yesterday", "12/31/2026", "2026-02-30", "450", "00/00/0000", "")
    rows = [
        f"{date},a{number},U9,984800110{number},,,TOFA Tellapur"
        for number, date in enumerate(dates)
    ]
    before = times.now()
    told = upload(lead, csv(*rows))
    assert told["leads_added"] == len(dates)
    assert [warning["row"] for warning in told["warnings"]] == [2, 3, 4, 5, 6], (
        "a blank is no fault"
    )
    assert {tuple(warning) for warning in told["warnings"]} == {("row", "reason")}
    for one in added(lead):
        created = datetime.fromisoformat(one["created_time"])
        assert before <= created <= times.now()


def test_rows_that_can_not_become_leads(lead: Client) -> None:
    told = upload(
        lead,
        csv(
            "soon,a,U9,1,,,TOFA Tellapur",
            "2025-12-05,No Contact,U9,,,Road,TOFA Tellapur",
            ",,,,,,",
            "2025-12-05,a,U9,,a@x.example,,TOFA Tellapur",
            "2025-12-05,a,U9, ,\t,,TOFA Nowhere",
        ),
    )
    assert list(told) == ["status", "leads_added", "warnings", "rejected"]
    assert told["leads_added"] == 2
    assert told["rejected"] == [
        {"row": 3, "reason": "No phone or email"},
        {"row": 6, "reason": "No phone or email"},
    ]


def test_centers_that_no_one_knows(lead: Client, world: World) -> None:
    before = dump(world.db)
    answer = lead.post(
        PATH,
        file=csv(
            "2025-12-05,a,U9,1,,,TOFA Tellapur",
            "2025-12-05,a,U9,2,,,Zoë's",
            "2025-12-05,a,U9,3,,,Nowhere",
            "2025-12-05,a,U9,4,,,Zoë's",
        ),
    )
    expected = (
        '{"status":"error","message":"Unknown Centers Found","unknown_tags":["Zoë\'s","Nowhere"]}'
    )
    assert (answer.status, answer.body) == (200, expected.encode())
    assert dump(world.db) == before


def test_metas_export(lead: Client, world: World) -> None:
    """UTF-16, tabs, prefixes; and the same lead does not arrive twice."""
    export = sample("meta-leads-center-export.csv")
    assert export.content.startswith(b"\xff\xfe")
    add_centers(lead, "TOFA Kompally", "TOFA Miyapur")
    before = dump(world.db)
    told = upload(lead, export)
    assert told["unknown_tags"] == ["Tellapur (near lake)"]
    assert dump(world.db) == before
    add_centers(lead, "Tellapur (near lake)")

    assert lead.post(PATH, file=export).body == b'{"status":"success","leads_added":60}'
    first, second = added(lead)[:2]
    assert first == {
        "id": 3,
        "created_time": "2025-12-01T03:30:00Z",
        "player_name": "Nikhil D'Souza",
        "player_age_category": "U15",
        "phone": "09748000000",
        "email": None,
        "address": "1 Lake Road, Hyderabad, 502000",
        "status": "New",
        "next_followup_date": None,
        "center_id": 5,
    }
    assert (second["phone"], second["email"]) == ("+919748000001", "fatima1@example.com")
    with world.db.read() as session:
        of_meta = {lead.id: lead.leadgen_id for lead in session.scalars(select(Lead))}
    assert (of_meta[1], of_meta[3]) == (None, "4280000000000000")

    before = dump(world.db)
    again = lead.post(PATH, file=export)
    assert again.body == b'{"status":"success","leads_added":0,"already_here":60}'
    assert dump(world.db) == before


def test_a_lead_that_stands_twice_in_an_export(lead: Client) -> None:
    header = f"id,full_name,phone_number,{CENTER}"
    row = "l:428,Zoya,p:+919848000001,TOFA Tellapur"
    again, sister = row.replace("428", "429"), row.replace("428", "430").replace("Zoya", "Tara")
    told = upload(lead, csv(row, row, again, sister, header=header))
    assert told == {"status": "success", "leads_added": 2, "already_here": 2}
    told = upload(lead, csv(again, sister, header=header))
    assert told == {"status": "success", "leads_added": 0, "already_here": 2}


def test_the_academys_workbook(lead: Client) -> None:
    add_centers(lead, "TOFA Kompally", "TOFA Miyapur")
    assert upload(lead, sample("academy-leads.xlsx")) == {
        "status": "success",
        "leads_added": 50,
        "rejected": [{"row": 53, "reason": "No phone or email"}],
    }
    leads = added(lead)
    names = ("created_time", "player_name", "player_age_category", "phone", "email")
    assert [[one[name] for name in names] for one in leads[:3]] == [
        ["2025-12-02T16:30:00Z", "Meera Iyer", "Under 15", "9848000060", None],
        ["2025-12-02T17:07:00Z", "Ananya D'Souza", "U13", "9748000061", "p61@example.com"],
        ["2025-12-02T17:44:00Z", "Aarav O’Brien", "9", "919848000062", "p62@example.com"],
    ]
    assert leads[10]["phone"] == "98480-00070"
    assert leads[-1]["created_time"] == "2025-12-03T22:43:00Z"


def test_the_shared_sheet(lead: Client) -> None:
    add_centers(lead, "TOFA Kompally", "TOFA Miyapur")
    told = upload(lead, sample("shared-sheet.csv"))
    assert told == {"status": "success", "leads_added": 42, "already_here": 2}
    leads = added(lead)
    assert leads[0]["player_name"] == "Diya O’Brien"
    assert leads[0]["address"] == "Flat 110,\nLake View, 502020"
    assert leads[3]["phone"] == "+91 96480 00113"
    assert leads[-1]["player_name"] == '=HYPERLINK("http://x")', "kept as it was typed"


def test_what_nobody_sees_is_blank(lead: Client) -> None:
    told = upload(
        lead,
        csv(
            "2025-12-05,\u200b\u00a0,\u00ad,9848000077,\u2060,,TOFA Tellapur",
            "2025-12-05,Zoya,U9,\u200b,,,TOFA Tellapur",
        ),
    )
    assert told["leads_added"] == 1
    assert told["rejected"] == [{"row": 3, "reason": "No phone or email"}]
    (shown,) = added(lead)
    assert (shown["player_name"], shown["player_age_category"], shown["email"]) == (None,) * 3


def test_other_encodings(lead: Client) -> None:
    encodings = ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1", "cp1252")
    for number, encoding in enumerate(encodings):
        text = f"phone\tplayer_name\t{CENTER}\n0984{number}\tZoë\tTOFA Tellapur\n"
        mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
        told = upload(lead, Upload("a.csv", (mark + text).encode(encoding)))
        assert told["leads_added"] == 1, encoding
        newest = added(lead)[-1]
        assert (newest["player_name"], newest["phone"]) == ("Zoë", f"0984{number}"), encoding


def test_a_sheet_without_rows(lead: Client) -> None:
    assert upload(lead, csv()) == {"status": "success", "leads_added": 0}


def test_a_csv_file_that_is_called_a_workbook(lead: Client) -> None:
    for name in ("leads.xlsx", "leads.xls"):
        good = csv(f"2025-12-05,{name},U9,1,,,TOFA Tellapur").content
        answer = lead.post(PATH, file=Upload(name, good))
        assert answer.json()["leads_added"] == 1


def test_files_that_can_not_be_read(lead: Client, world: World) -> None:
    before = dump(world.db)
    good = csv("2025-12-05,a,U9,1,,,TOFA Tellapur").content
    for file in (
        Upload("leads.doc", good),
        Upload("leads", good),
        Upload("leads.csv.zip", good),
        Upload("leads.xlsx", b"Please call 98480 12345 today.\nThanks\n"),
        Upload("leads.xls", b"PK nonsense"),
        csv("1", header="phone"),
        Upload("leads.csv", b""),
    ):
        answer = lead.post(PATH, file=file)
        check_error(answer, "Traceback", "Error")
        assert answer.status == 400, file.name
    elsewhere = multipart(Upload("leads.csv", good), field="document")
    kind = {"Content-Type": "multipart/form-data; boundary=frontier"}
    answer = lead.post(PATH, body=elsewhere, headers=kind)
    check_error(answer)
    assert (answer.status, answer.json()["errors"][0]["loc"]) == (422, ["body", "file"])
    assert answer.json()["detail"] == "File: choose a file"
    assert dump(world.db) == before


@pytest.fixture
def small(serve: Callable[..., Client], world: World) -> Client:
    """A host that takes 1 MB, and the team lead on it."""
    client = serve(max_upload_mb=1)
    client.token = world.token(LEAD)
    return client


def sized(size: int) -> Upload:
    """A sheet of so many bytes, nearly all of them blank lines."""
    content = csv("2025-12-05,a,U9,9848001100,,,TOFA Tellapur", "").content
    return Upload("leads.csv", content + (b" " * 999 + b"\n") * (size // 1000))


def check_too_large(answer: Answer) -> None:
    check_error(answer)
    assert answer.status == 413
    assert answer.json()["detail"] == "The request is too large: send at most 1 MB"


def test_the_largest_file(small: Client, world: World) -> None:
    assert upload(small, sized(MB - 2000))["leads_added"] == 1
    before = dump(world.db)
    check_too_large(small.post(PATH, file=sized(MB + (32 << 10))))
    assert dump(world.db) == before


def head(client: Client, length: str) -> bytes:
    return (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {client.token}\r\n"
        f"Content-Type: multipart/form-data; boundary=frontier\r\n{length}\r\n\r\n"
    ).encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_a_length_that_is_too_large(small: Client) -> None:
    """It is refused before a byte of the body has come."""
    check_too_large(send(small.port, head(small, f"Content-Length: {64 * MB}")))


def test_a_body_without_a_length(small: Client) -> None:
    body = multipart(sized(MB // 2))
    pieces = [chunk(body[start : start + 50_000]) for start in range(0, len(body), 50_000)]
    answer = send(
        small.port,
        head(small, "Connection: close\r\nTransfer-Encoding: chunked"),
        *pieces,
        chunk(b""),
    )
    assert (answer.status, answer.body) == (200, b'{"status":"success","leads_added":1}')


def test_a_body_without_a_length_that_is_too_large(small: Client, world: World) -> None:
    """It is refused while it comes in: what is beyond the limit is not awaited."""
    before = dump(world.db)

    def pieces() -> Iterator[bytes]:
        yield head(small, "Transfer-Encoding: chunked")
        for _ in range(64):
            yield chunk(b"\n" * MB)

    answer, sent = stream(small.port, pieces())
    check_too_large(answer)
    assert sent < 32 * MB, "all of it was read"
    assert dump(world.db) == before
