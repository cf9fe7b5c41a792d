"""Malformed requests: each gets an error message, and nothing is stored."""

from collections.abc import Callable, Iterator

import pytest

from backend.core.errors import UnreadableBody
from tests.dump import dump
from tests.servers import Answer, Client, multipart
from tests.servers import Upload as File
from tests.shape import check_error
from tests.wire import send, stream
from tests.world import LEAD, PASSWORD, World

pytestmark = pytest.mark.every_adapter
# For what is refused before the database is asked for more than the person.
before_the_database = pytest.mark.every_adapter(database="sqlite")

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WEBHOOK = "/leads/meta-webhook/"
UPLOAD = "/leads/upload/"
CENTER = b'{"display_name":"a","meta_tag_name":"b","city":"c","x":%s}'
BIG = "9" * 400


@pytest.fixture(autouse=True)
def nothing_changes(
    request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Check after every test that the database hasn't changed.

    Deliveries are an exception, and the questions of own forms: the webhook stores what it gets.
    So are sessions: the right password makes one, however it is sent.
    """
    monkeypatch.setattr("backend.core.auth.REFUSAL_TIME", 0.0)
    before = dump(world.db, "delivery", "form", "outboxmessage", "usersession")
    yield
    assert dump(world.db, "delivery", "form", "outboxmessage", "usersession") == before


def refused(answer: Answer, *statuses: int) -> None:
    check_error(answer)
    assert answer.status in (statuses or (422,)), answer.body


def refused_by_the_server(answer: Answer) -> None:
    """A server may refuse what is no HTTP before the API sees it, in its own words."""
    assert 400 <= answer.status < 500
    assert answer.body


def test_percent_encoding(lead: Client) -> None:
    for text in ("%ff", "%C3", "%", "%f", "%zz", "%00", "%ED%A0%80", "a%00b", "%E2%82", "%80"):
        refused(lead.put(f"/leads/{text}?status=Called"))
        refused(lead.get(f"/{text}"), 404)
        refused(lead.put(f"/leads/1?status={text}"))
        refused(lead.put(f"/leads/1?status=Called&next_date={text}"))
    for text in ("%ff", "%C3", "%00", "%ED%A0%80", "a%00b"):
        refused(lead.put(f"/leads/1?status=Called&comment={text}"))
        refused(lead.put(f"/leads/1?status=Called&{text}={text}%ff"))
        refused(lead.put(f"/leads/1?{text}"))
        refused(lead.post("/token", body=f"username={text}&password=x".encode(), headers=FORM))


@before_the_database
def test_odd_queries(lead: Client) -> None:
    for query in ("", "&", "=", "&&&", "status", "status=", "=Called", "?status=Called", "status==",
                  "status=Called;comment=x", "status[]=Called", "STATUS=Called", "&" * 5000,
                  "status=Called&status=", "status=Called&status=Maybe",
                  "a=1&" * 1500):  # fmt: skip
        refused(lead.put(f"/leads/1?{query}"))


def test_raw_bytes_in_the_request_line(lead: Client) -> None:
    """Beyond what HTTP allows, where a server may answer by itself."""
    token = f"Authorization: Bearer {lead.token}\r\n".encode()
    for target in (b"/leads/\xff?status=New", b"/leads/1?status=\xff", b"/users/\xc3\xa9", b"/\x01",
                   b"/leads/1?status=\x00", b"http://evil.example/nope", b"nope",
                   b"*"):  # fmt: skip
        head = b"PUT %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n" % (target, token)
        refused_by_the_server(send(lead.port, head))


def test_ids(lead: Client) -> None:
    for id in (BIG, f"-{BIG}", "0", "-1", "2147483648", "9223372036854775808", "1.5", "1e3", "0x1",
               "NaN", "true", "null", "%31x", "%C2%B2", "1%20OR%201=1", "'", "%D9%A1%D9%A2x", "me",
               "1,2", "%20", "x" * 5000):  # fmt: skip
        answer = lead.put(f"/leads/{id}?status=Called")
        refused(answer)
        assert answer.json()["errors"][0]["loc"] == ["path", "id"]
        assert answer.json()["detail"] == "Id: use a number such as 12"
        if id not in ("me", "0"):
            refused(lead.patch(f"/users/{id}", json={"full_name": "x"}))
    refused(lead.put("/leads/2147483647?status=Called"), 404)
    refused(lead.patch("/users/me", json={"full_name": "x"}), 405)


def test_numbers_in_json(lead: Client) -> None:
    for number in ("NaN", "Infinity", "-Infinity", "1e400", BIG, f"-{BIG}", f"0.{BIG}e{BIG}", "01",
                   "+1", ".5", "1.", "0x10", "1_000"):  # fmt: skip
        for field in ("phone_number", "player_age_category", "full_name"):
            body = f'{{"{field}": {number}, "nearest_center": "TOFA Nowhere"}}'
            answer = lead.post(WEBHOOK, body=body.encode(), headers=JSON)
            if answer.status != 200:
                refused(answer)
        body = f'{{"full_name":"x","center_ids":[{number}]}}'
        refused(lead.patch("/users/2", body=body.encode(), headers=JSON))
    refused(lead.patch("/users/2", body=b'{"full_name":"x","center_ids":[1.5]}', headers=JSON))


def test_texts_in_json(lead: Client) -> None:
    for text in (rb"\u0000", rb"\ud800", rb"\udc00\ud800", b"\xed\xa0\x80", b"\xff", b"\xc3", b"\0",
                 b"\n", rb"\x41", rb"\u12", b"\xc0\x80", b"\xf4\x90\x80\x80"):  # fmt: skip
        for field in (b"display_name", b"meta_tag_name", b"city", b"location"):
            body = b'{"display_name":"a","meta_tag_name":"b","city":"c","%s":"%s"}' % (field, text)
            refused(lead.post("/centers/", body=body, headers=JSON))
        for field in (b"email", b"password"):
            refused(lead.post("/token", body=b'{"%s":"%s"}' % (field, text), headers=JSON))
        body = b'{"password":"%s","username":"lead@tofa.example"}' % text
        refused(lead.post("/token", body=body, headers=JSON), 400, 422)
        for field in (b"full_name", b"password", b"role"):
            refused(lead.patch("/users/2", body=b'{"%s":"%s"}' % (field, text), headers=JSON))
        body = b'{"current_password":"%s","password":"%s"}' % (text, text)
        refused(lead.put("/users/me/password", body=body, headers=JSON))
        # The webhook keeps whatever it gets, and answers soundly.
        for field in (b"phone_number", b"nearest_center"):
            body = b'{"%s":"%s","full_name":"x"}' % (field, text)
            assert lead.post(WEBHOOK, body=body, headers=JSON).status in (200, 422)


def test_a_password_may_hold_any_character(lead: Client) -> None:
    """NUL among them: it is wrong here, and no error."""
    typed = {"username": LEAD, "password": f"{PASSWORD}\0"}
    refused(lead.post("/token", json=typed), 400)
    refused(lead.post("/token", form=typed), 400)


def test_bodies_that_are_no_json_object(lead: Client) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    nested = b'{"a":' * 5000 + b"1" + b"}" * 5000
    bodies = (b"", b" ", b"null", b"true", b"1", b'"x"', b"[]", b"[{}]", b"{", b"{}{}", b"{}x",
              deep, nested, CENTER % deep,
              b"{'a':1}", b'{"a":1,}', b"// x\n{}", b"\x1f\x8b\x08", b"\0{}",
              '{"a":1}'.encode("utf-16"), '{"a":1}'.encode("utf-16-le"), b"a=1&b=2",
              '{"a":1}'.encode("utf-32"))  # fmt: skip
    for body in bodies:
        for method, path in (("POST", "/centers/"), ("POST", "/users/"), ("POST", "/token"),
                             ("PUT", "/users/me/password")):  # fmt: skip
            refused(lead.request(method, path, body=body, headers=JSON))
        # Here an empty object is right, and says nothing.
        if body != nested:
            assert lead.post(WEBHOOK, body=body, headers=JSON).status in (200, 422)
            refused(lead.patch("/users/2", body=body, headers=JSON))


def test_json_that_is_right_though_odd(lead: Client) -> None:
    """Of a repeated key the last value counts; a byte order mark is skipped."""
    for body in (
        b'\xef\xbb\xbf{"phone_number":"1","nearest_center":"Nowhere"}',
        b'{"phone_number":"","phone_number":"1","nearest_center":"Nowhere"}',
        b' \r\n\t{"phone_number":"1","nearest_center":"No\\u0077here"} ',
        b'{"__proto__":{},"":1,"phone_number":"1","nearest_center":"Nowhere"}',
    ):
        answer = lead.post(WEBHOOK, body=body, headers=JSON)
        assert answer.json()["message"] == "Center 'Nowhere' not found", body
    for kind in ("application/json; charset=utf-8", "APPLICATION/JSON", "application/ld+json", ""):
        body = b'{"phone_number":"1","nearest_center":"Nowhere"}'
        answer = lead.post(WEBHOOK, body=body, headers={"Content-Type": kind})
        assert answer.status == 200, kind


def test_content_types(lead: Client) -> None:
    body = b'{"display_name":"a","meta_tag_name":"b","city":"c"}'
    for kind in ("text/plain", "text/html", "application/xml", "application/x-www-form-urlencoded",
                 "multipart/form-data", "json", "/", ";", "application/json/x", "é", "x" * 5000,
                 "application/jsonp", "text/json, application/json",
                 '"application/json"'):  # fmt: skip
        refused(lead.post("/centers/", body=body, headers={"Content-Type": kind}))
        if not kind.startswith(("application/x-www", "multipart")):
            refused(
                lead.post("/token", body=b"username=a&password=b", headers={"Content-Type": kind})
            )
        if not kind.startswith("multipart"):
            refused(lead.post(UPLOAD, body=body, headers={"Content-Type": kind}))
    refused(lead.post("/token", body=b"username=a&password=b"))
    refused(lead.post(UPLOAD, body=multipart(File("a.csv", b"x"))))


@before_the_database
def test_content_types_that_contradict(lead: Client) -> None:
    """UTF-16, declared and sent, is not read: JSON goes in UTF-8 (RFC 8259, section 8.1)."""
    declared = {"Content-Type": "application/json; charset=utf-16"}
    refused(lead.post("/token", body='{"username":"a"}'.encode("utf-16"), headers=declared))
    head = (
        f"POST /centers/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {lead.token}\r\n"
        "Content-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
        "Connection: close\r\n\r\n{}"
    )
    refused(send(lead.port, head.encode()))
    declared = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-16"}
    refused(lead.post("/token", body="username=a".encode("utf-16"), headers=declared))


def test_forms(lead: Client) -> None:
    for body in (b"", b"&", b"=", b"username", b"username=&", b"username=a", b"\xff=\xff", b"%ff",
                 b"username[]=a&password[]=b", b"username=\xff&password=x", b"a=1&" * 2000,
                 b"username=\0&password=x", b"username=" + b"x" * 600 + b"&password=x",
                 b"username=a&password=" + b"x" * 5000,
                 b"\xef\xbb\xbfusername=a&password=b"):  # fmt: skip
        refused(lead.post("/token", body=body, headers=FORM))
    typed = f"username=a&password=b&username={LEAD}&password=wrong".encode()
    refused(lead.post("/token", body=typed, headers=FORM), 400)
    right = f"username=a&username={LEAD}&password=b&password={PASSWORD}".encode()
    assert lead.post("/token", body=right, headers=FORM).status == 200, "the last one counts"


def part(name: str, value: bytes = b"x", more: str = "") -> bytes:
    head = f'--frontier\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value + b"\r\n"


END = b"--frontier--\r\n"
BOUNDARY = {"Content-Type": "multipart/form-data; boundary=frontier"}


@before_the_database
def test_boundaries(lead: Client) -> None:
    body = multipart(File("a.csv", b"a,b\n1,2\n"))
    for kind in ("multipart/form-data", "multipart/form-data; boundary=",
                 "multipart/mixed; boundary=x",
                 'multipart/form-data; boundary=""', "multipart/form-data; boundary=other",
                 "multipart/form-data; boundary=é", "multipart/form-data; boundary",
                 f"multipart/form-data; boundary={'x' * 3000}",
                 "multipart/form-data; boundary=\"fron"):  # fmt: skip
        refused(lead.post(UPLOAD, body=body, headers={"Content-Type": kind}))
        refused(lead.post("/token", body=body, headers={"Content-Type": kind}))


def test_multipart(lead: Client) -> None:
    whole = multipart(File("a.csv", b"phone,nearest_tofa\n1,TOFA Tellapur\n"))
    bodies = {
        "empty": b"",
        "an end alone": END,
        "no parts": b"\r\n",
        "cut in the file": whole[:-30],
        "cut in the boundary": whole[:-6],
        "cut in a header": whole[:40],
        "10,000 parts": part("a") * 10_000 + END,
        "10,000 files": part("file", b"", '; filename="a.csv"') * 10_000 + END,
        "a header of 100 KB": part("x" * 100_000) + END,
        "a header of 100 KB of its own": b"--frontier\r\nX-A: "
        + b"y" * 100_000
        + b"\r\n\r\nx\r\n"
        + END,
        "1,000 headers": b"--frontier\r\n" + b"X-A: y\r\n" * 1000 + b"\r\nx\r\n" + END,
        "no disposition": b"--frontier\r\n\r\nx\r\n" + END,
        "no name": b"--frontier\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END,
        "a colon alone": b"--frontier\r\n: x\r\n\r\nx\r\n" + END,
        "an invalid header": b"--frontier\r\nnonsense\r\n\r\nx\r\n" + END,
        "a name that is no UTF-8": part("a").replace(b'"a"', b'"\xff"') + END,
        "a value that is no UTF-8": part("a", b"\xff\xfe") + END,
        "a NUL in the name": part("a\0") + END,
        "bare line feeds": whole.replace(b"\r\n", b"\n"),
        "another field": multipart(File("a.csv", b"x"), field="files"),
        "no file in the field": part("file", b"phone,nearest_tofa\n1,TOFA Tellapur\n") + END,
    }
    for name, body in bodies.items():
        for path in (UPLOAD, "/token"):
            answer = lead.post(path, body=body, headers=BOUNDARY)
            check_error(answer)
            assert answer.status == 422, (name, path)


def test_filenames(lead: Client) -> None:
    """Whatever it is called, it is a sheet without a column for the center, or none at all."""
    for name in ('a\\".csv', "a\"b.csv", "..\\..\\a.csv", "../../etc/passwd", "é\u202e.csv",
                 "a\0.csv",
                 "", ".", ".csv", "a.csv.exe", "x" * 5000 + ".csv", "a.CSV ", "CON.xlsx",
                 "a;b=c.csv",
                 "<script>.csv", "a.xlsx\r\nX: y"):  # fmt: skip
        answer = lead.post(UPLOAD, file=File(name, b"a,b\n1,2\n"))
        refused(answer, 400, 422)
        assert "<script>" not in answer.body.decode()
    raw = multipart(File("a.csv", b"a,b\n")).replace(b"a.csv", b"\xff\xfe.csv")
    refused(lead.post(UPLOAD, body=raw, headers=BOUNDARY), 400, 422)


def test_files(lead: Client) -> None:
    """Each is a 400 with a sentence, and none says anything of Python or of SQL."""
    head = "phone,_which_is_the_nearest_tofa_center_to_you?\n"
    latin = f"{head}98480,Café Nowhere\n".encode("latin-1")
    for file in (
        File("a.xlsx", b"not a zip"),
        File("a.xlsx", b"PK\x03\x04"),
        File("a.xlsx", b""),
        File("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        File("a.csv", b""),
        File("a.csv", b"\0" * 5000),
        File("a.csv", b"\xff\xfe"),
        File("a.csv", bytes(range(256)) * 20),
        File("a.pdf", b"%PDF-1.7"),
        File("a", latin),
        File("a.csv", b"phone,name\n1,2\n"),
        File("a.csv", b"x" * 300_000),
        File("a.csv", b'"' * 10_001),
        File("a.csv", b"," * 100_000),
    ):
        answer = lead.post(UPLOAD, file=file)
        refused(answer, 400)
        for word in ("Error", "Exception", "Traceback", "sqlite", "psycopg", "python", "zip file"):
            assert word not in answer.body.decode(), answer.body
    for file in (File("a.csv", latin), File("a.csv", head.encode("utf-16") + b"x\0,\0y\0")):
        answer = lead.post(UPLOAD, file=file)
        assert answer.status in (200, 400)


@before_the_database
def test_methods_that_are_none(lead: Client) -> None:
    for method in ("BREW", "get", "G\u00c9T", "PROPFIND", "X" * 300, "CONNECT", "PRI"):
        for path in ("/users/", "/nope"):
            head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            refused_by_the_server(send(lead.port, head.encode("latin-1")))


@before_the_database
def test_long_targets(lead: Client) -> None:
    refused(lead.get("/" + "x" * 20_000), 404)
    refused(lead.get("/" + "x/" * 10_000), 404)
    refused(lead.put("/leads/1?status=" + "x" * 20_000))
    refused(lead.put("/leads/1?status=Called&comment=" + "x" * 20_000))
    assert lead.get("/users/me?" + "x" * 20_000).status == 200
    for target in ("/" + "x" * 60_000, "/centers/?" + "x" * 60_000):
        answer = lead.get(target)
        assert answer.status in (200, 400, 404, 414, 431)


def test_headers(lead: Client) -> None:
    for name in ("Origin", "Referer", "User-Agent", "X-Forwarded-For", "X-Request-ID", "Accept",
                 "Accept-Encoding", "If-None-Match", "Cookie", "Forwarded", "Host",
                 "X"):  # fmt: skip
        for value in ("é", "\xff\xfe", "x" * 5000, "", ";;==,,", '"', "%00", "\u0080"):
            if name == "Host" and value != "x" * 5000:
                continue
            assert lead.get("/centers/", headers={name: value}).status == 200, (name, value)
    many = {f"X-{number}": "y" for number in range(60)}
    assert lead.get("/centers/", headers=many).status == 200


def test_authorization(client: Client, world: World) -> None:
    good = world.token(LEAD)
    for right in (f"bearer {good}", f"BEARER {good}", f"Bearer  {good}", f"Bearer {good} "):
        assert client.get("/users/me", headers={"Authorization": right}).status == 200, right
    for wrong in ("", good, "Bearer", "Bearer ", f"Bearer{good}", f"Token {good}",
                  f"Bearer {good},",
                  f"Bearer {good} {good}", f"Bearer {good},Bearer {good}", f"Bearer, {good}",
                  "Bearer é", "é", "\xff\xfe", f"Bearer {good}é", "Bearer " + "x" * 5000,
                  "Bearer ..",
                  f"Bearer\t{good}x", "Basic bGVhZDp4", f'Bearer "{good}"', "Bearer a.b.c.d.e",
                  "Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer \u0080.\u0080.\u0080"):  # fmt: skip
        answer = client.get("/users/me", headers={"Authorization": wrong})
        refused(answer, 401)
    header = f"Authorization: Bearer {good}\r\n"
    head = f"GET /users/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}{header}\r\n"
    twice = send(client.port, head.encode())
    assert twice.status == 401, "which of them is meant?"


def test_lengths(lead: Client, adapter: str) -> None:
    """Of a body that is not what its head says."""
    sent = {**JSON, "Content-Length": "0"}
    refused(lead.request("POST", "/centers/", headers=sent))
    refused(lead.request("POST", "/centers/", headers=JSON))
    refused(lead.request("POST", "/token", headers={**FORM, "Content-Length": "0"}))
    assert lead.request("GET", "/centers/", body=b"{}", headers=JSON).status == 200
    head = (
        f"POST /centers/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {lead.token}\r\n"
        "Content-Type: application/json\r\nConnection: close\r\n"
    )
    for length in ("-1", "x", "1.5", "1e3", "0x2", "+2", "99999999999999999999999999"):
        refused_by_the_server(
            send(lead.port, f"{head}Content-Length: {length}\r\n\r\n{{}}".encode())
        )
    chunked = f"{head}Transfer-Encoding: chunked\r\n\r\n"
    refused(send(lead.port, f"{chunked}2\r\n{{}}\r\n0\r\n\r\n".encode()))
    refused(send(lead.port, f"{chunked}0\r\n\r\n".encode()))
    for body in ("zz\r\n{}\r\n0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n", "1\r\n{}\r\n0\r\n\r\n"):
        answer = send(lead.port, f"{chunked}{body}".encode())
        if adapter == "fastapi":
            refused_by_the_server(answer)
        else:
            refused(answer, 400)
            assert answer.json()["detail"] == UnreadableBody.detail


def test_a_proxy_sends_all_before_it_reads(serve: Callable[..., Client], adapter: str) -> None:
    """Whether the answer was known before: otherwise nginx would say 502."""
    if adapter == "django":
        return  # the example leaves it out
    port = serve(trusted_proxies=1).port
    head = "HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 8000000\r\n\r\n"
    for target, status in (("/leads/upload/", 401), ("/nowhere", 404), (WEBHOOK, 413)):
        pieces = [f"POST {target} {head}".encode(), *[b"x" * 80_000] * 100]
        answer, sent = stream(port, pieces)
        refused(answer, status)
        assert sent == sum(map(len, pieces))
