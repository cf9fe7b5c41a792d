"""The client of the Graph API: what it asks, what it makes of errors, what a bad host costs."""

import base64
import hmac
import logging
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.intake import retry_policy
from backend.core.intake.meta import graph_client
from backend.core.intake.meta.graph_client import Answer, Client
from backend.core.intake.meta.graph_errors import GraphError, without_tokens
from backend.core.reasons import Reason, ReasonCode
from tests import graph_host
from tests.graph_host import FIRST_LEAD, FORM, Behaviour, GraphHost, make_lead

TOKEN = "EAAtoken-of-the-page"
SECRET = "app_secret_demo"
PROOF = hmac.new(SECRET.encode(), TOKEN.encode(), sha256).hexdigest()
LEAD = str(FIRST_LEAD)


@pytest.fixture
def host() -> Iterator[GraphHost]:
    with GraphHost() as started:
        yield started


@pytest.fixture
def client(host: GraphHost) -> Iterator[Client]:
    made = Client(host.url, "v26.0", TOKEN, SECRET)
    yield made
    made.close()


def error_of(answer: Answer) -> GraphError:
    assert answer.lead is None
    assert answer.error is not None
    return answer.error


def read(client: Client, since: int = 0) -> list[Any]:
    """Return the leads of a form, and at the end the error if there was one."""
    found: list[Any] = []
    for page in client.pages(FORM, since):
        found.extend([page] if isinstance(page, GraphError) else page)
    return found


def test_a_lead(host: GraphHost, client: Client) -> None:
    assert client.lead(LEAD) == Answer(lead=make_lead(0))
    (asked,) = host.asked
    assert asked.path == f"/v26.0/{LEAD}"
    assert asked.query == {
        "fields": graph_client.FIELDS,
        "access_token": TOKEN,
        "appsecret_proof": PROOF,
    }


def test_without_a_secret_there_is_no_proof(host: GraphHost) -> None:
    client = Client(f"{host.url}/", "v26.0", TOKEN, "")
    assert client.lead(LEAD).lead
    client.close()
    assert host.asked[0].query == {"fields": graph_client.FIELDS, "access_token": TOKEN}
    assert host.asked[0].path == f"/v26.0/{LEAD}"


@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [
        *((code, None, "upstream") for code in (1, 2, 3, 100, 368, -1, 10**30)),
        *((code, None, "throttled") for code in (4, 17, 32, 613, *range(80000, 80015))),
        *((code, 463, "token_expired") for code in (190, 102)),
        *((code, None, "permission") for code in (10, 200, 275, 299)),
        (100, 33, "missing"),
        (True, None, "upstream"),
        (100, 34, "upstream"),
        ("190", None, "upstream"),
        (None, None, "upstream"),
        ([1], {}, "upstream"),
    ],
)
def test_errors(host: GraphHost, client: Client, code: Any, subcode: Any, kind: str) -> None:
    host.always(graph_host.error(code, subcode))
    assert error_of(client.lead(LEAD)).kind == kind
    assert kind in retry_policy.TABLE


@pytest.mark.parametrize(("minutes", "wait"), [(7, 420), (0.5, 30), (0, None), (-3, None)])
def test_it_is_told_how_long_to_wait(
    host: GraphHost, client: Client, minutes: float, wait: float | None
) -> None:
    host.always(graph_host.throttle(minutes))
    assert error_of(client.lead(LEAD)).wait == wait


@pytest.mark.parametrize(
    ("usage", "wait"),
    [
        ('{"1":[{"estimated_time_to_regain_access":9e99}]}', 24 * 3600),
        ('{"1":[{"estimated_time_to_regain_access":1},{}],"2":[]}', 60),
        ('{"1":[{"estimated_time_to_regain_access":null}]}', None),
        ('{"1":["estimated_time_to_regain_access"]}', None),
        ('{"1":7}', None),
        ("[]", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_an_invalid_wait(host: GraphHost, client: Client, usage: str, wait: float | None) -> None:
    host.always(graph_host.error(4, **{graph_host.USAGE: usage}))
    assert error_of(client.lead(LEAD)) == GraphError(
        "throttled", Reason("graph_error", {"error": "4", "said": "told"}), wait
    )


WRONG: dict[str, Behaviour] = {
    "a list": graph_host.answer([]),
    "a number": graph_host.answer(7),
    "nothing": graph_host.answer(b""),
    "not JSON": graph_host.answer(b'{"id": '),
    "not UTF-8": graph_host.answer(b'{"id": "\xff"}'),
    "deep": graph_host.answer(b"[" * 1_000_000),
    "deep, but it can be read": graph_host.answer(
        b'{"id":"%s","field_data":[],"x":%s%s}' % (LEAD.encode(), b"[" * 500, b"]" * 500)
    ),
    "large for one lead": graph_host.answer(make_lead(0, shoe_size="4" * (300 << 10))),
    "an empty object": graph_host.answer({}),
    "another lead": graph_host.answer(make_lead(1)),
    "no answers": graph_host.answer({"id": LEAD}),
    "answers of another type": graph_host.answer({"id": LEAD, "field_data": "x"}),
    "an id of another type": graph_host.answer({"id": [LEAD], "field_data": []}),
    "an error that is a text": graph_host.answer({"error": "no"}),
    "an error that is null": graph_host.answer({"error": None} | make_lead(0)),
    "a lead, but 500": graph_host.answer(make_lead(0), 500),
    "a page of 500": graph_host.broken,
    "half an answer": graph_host.hang_up,
    "packed": graph_host.bomb,
    "a header without end": graph_host.answer({}, X_Long="a" * 200_000),
}


@pytest.mark.parametrize("behaviour", WRONG.values(), ids=WRONG)
def test_wrong_answers(host: GraphHost, client: Client, behaviour: Behaviour) -> None:
    host.next(behaviour)
    assert error_of(client.lead(LEAD)).kind == "upstream"
    assert client.lead(LEAD).lead, "it works again as soon as the host does"


def test_a_redirect_is_not_followed(host: GraphHost, client: Client) -> None:
    with GraphHost() as other:
        for to in (f"{other.url}/v26.0/{LEAD}", f"/v26.0/{FIRST_LEAD + 1}"):
            host.next(graph_host.redirect(to))
            assert error_of(client.lead(LEAD)).kind == "upstream"
        assert len(host.asked) == 2
        assert other.asked == []


def test_cookies_are_not_kept(host: GraphHost, client: Client) -> None:
    host.next(graph_host.answer(make_lead(0), Set_Cookie="a=b; Path=/"))
    for _ in range(2):
        assert client.lead(LEAD).lead
    assert len(host.asked) == 2
    assert not any(name.lower() == "cookie" for asked in host.asked for name in asked.headers)


def test_a_host_that_is_not_there() -> None:
    client = Client("http://127.0.0.1:1", "v26.0", TOKEN, SECRET)
    assert error_of(client.lead(LEAD)) == GraphError.upstream(
        ReasonCode.UNREACHABLE, error="ConnectError"
    )
    client.close()


def test_nothing_takes_longer_than_a_minute() -> None:
    """What a worker has a delivery for itself."""
    assert graph_client.DEADLINE <= 30


@pytest.mark.parametrize("slow", ["hang", "drip", "drip_head"])
@pytest.mark.slow
def test_a_slow_host_costs_a_bounded_time(
    host: GraphHost, slow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_client, "DEADLINE", 1.0)
    client = Client(host.url, "v26.0", TOKEN, SECRET)
    host.next(getattr(graph_host, slow))
    assert error_of(client.lead(LEAD)) == GraphError.upstream(
        ReasonCode.UNREACHABLE, error="ReadTimeout"
    )
    assert not host.finished, "the host had more to say"
    assert client.lead(LEAD).lead
    client.close()


@pytest.mark.parametrize("large", ["huge", "bomb"])
def test_a_large_answer_costs_a_bounded_memory(host: GraphHost, client: Client, large: str) -> None:
    # What is imported late, and the host's own bomb, are not counted.
    client.lead(LEAD)
    graph_host.packed()
    host.next(getattr(graph_host, large))
    tracemalloc.start()
    found = error_of(client.lead(LEAD))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.kind == "upstream"
    assert peak < 3 * graph_client.MAX_ANSWER


def test_pages(host: GraphHost, client: Client) -> None:
    """The next page keeps all parameters of its address, and the token is there once."""
    host.forms[FORM] = [make_lead(number) for number in range(250)]
    found = read(client)
    assert sorted(lead["id"] for lead in found) == [str(FIRST_LEAD + n) for n in range(250)]
    assert [asked.query.get("after") for asked in host.asked] == [None, "100", "200"]
    for asked in host.asked:
        assert asked.path == f"/v26.0/{FORM}/leads"
        assert asked.query["fields"] == graph_client.FIELDS
        assert asked.query["limit"] == "100"
        assert (
            asked.query["filtering"]
            == '[{"field":"time_created","operator":"GREATER_THAN","value":0}]'
        )
        assert asked.query["access_token"] == TOKEN
        assert asked.query["appsecret_proof"] == PROOF


def test_pages_since(host: GraphHost, client: Client) -> None:
    host.forms[FORM] = [make_lead(number) for number in range(5)]
    found = read(client, graph_host.FIRST_CREATED + 2)
    assert [lead["id"] for lead in found] == [str(FIRST_LEAD + 4), str(FIRST_LEAD + 3)]


def test_the_next_page_on_another_host(host: GraphHost, client: Client) -> None:
    with GraphHost() as other:
        at_home, away = f"127.0.0.1:{host.port}", f"127.0.0.1:{other.port}"
        elsewhere = (
            f"http://{away}/v26.0/{FORM}/leads",
            f"//{away}/",
            f"https://{at_home}/",
            f"http://localhost:{host.port}/",
            f"http://{at_home}@{away}/",
            f"http://{away}\\@{at_home}/",
            f"http://someone@{at_home}/",
            "http://127.0.0.1/",
            "/v26.0/leads",
            "file:///etc/passwd",
            "javascript:",
            "http://[::1",
            "http://a\x00b/",
            7,
            ["x"],
            {"x": 1},
        )
        for following in elsewhere:
            host.asked.clear()
            host.next(graph_host.answer({"data": [make_lead(0)], "paging": {"next": following}}))
            lead, problem = read(client)
            assert lead == make_lead(0)
            assert problem.kind == "upstream"
            assert len(host.asked) == 1, following
        assert other.asked == []


def test_pages_that_never_end(
    host: GraphHost, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_client, "MAX_PAGES", 3)
    host.always(graph_host.answer({"data": [], "paging": {"next": f"{host.url}/again?x=1"}}))
    assert read(client) == [GraphError.upstream(ReasonCode.TOO_MANY_PAGES)]
    assert len(host.asked) == 3


@pytest.mark.parametrize("data", [None, {}, "x", 7])
def test_a_page_of_another_type(host: GraphHost, client: Client, data: object) -> None:
    host.always(graph_host.answer({"data": data}))
    assert read(client) == [GraphError.upstream(ReasonCode.UNEXPECTED_ANSWER)]


def test_only_leads_of_a_page_are_returned(host: GraphHost, client: Client) -> None:
    data = [7, None, {}, {"id": LEAD}, {"id": True, "field_data": []}, make_lead(1)]
    host.always(graph_host.answer({"data": data, "paging": []}))
    assert read(client) == [make_lead(1)]


def test_an_error_ends_the_pages(host: GraphHost, client: Client) -> None:
    host.forms[FORM] = [make_lead(number) for number in range(250)]
    left: list[Behaviour | None] = [None, graph_host.error(190)]
    host.behaviour = lambda _asked: left.pop(0)
    *leads, problem = read(client)
    assert len(leads) == 100
    assert problem.kind == "token_expired"


def test_no_token_in_any_error_or_log(
    host: GraphHost, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    behaviours = [*WRONG.values(), graph_host.error(190), graph_host.throttle(1)]
    for behaviour in behaviours:
        host.next(behaviour)
        said.append(repr(client.lead(LEAD)))
    host.forms[FORM] = [make_lead(number) for number in range(150)]
    read(client)
    text = "\n".join([*said, caplog.text, *(str(record.__dict__) for record in caplog.records)])
    assert f"GET {host.url}/v26.0/{LEAD} " in text, "the log is listened to"
    for hidden in (TOKEN, PROOF, SECRET):
        assert hidden not in text


def test_what_meta_says_of_an_error_is_kept_without_tokens(host: GraphHost, client: Client) -> None:
    said = f"Bad\n{TOKEN} {PROOF} EAAanothertoken access_token=x&y appsecret_proof=z {SECRET} end"
    told = {"error": {"code": 190, "message": said}}
    host.always(graph_host.answer(told, 400))
    assert error_of(client.lead(LEAD)).cause == Reason(
        ReasonCode.GRAPH_ERROR, {"error": "190", "said": "Bad … … … …&y … … end"}
    )
    host.always(graph_host.answer({"error": {"code": 190, "message": 7}}, 400))
    assert error_of(client.lead(LEAD)).cause == Reason(ReasonCode.GRAPH_ERROR, {"error": "190"})
    host.always(graph_host.answer({"error": {"code": 190, "message": "no " * 1000}}, 400))
    assert error_of(client.lead(LEAD)).cause.params["said"] == "no " * 100
    host.always(graph_host.answer({"error": {"code": 190, "message": "x" * 1000}}, 400))
    assert error_of(client.lead(LEAD)).cause.params["said"] == "…", "no word is that long"


CASE = Path(__file__).parents[3] / "samples" / "graph-answer-100-33.json"


def test_missing_or_not_allowed_in_metas_words(host: GraphHost, client: Client) -> None:
    told = orjson.loads(CASE.read_bytes())
    host.always(graph_host.answer(told, 400))
    error = error_of(client.lead(LEAD))
    assert (error.kind, error.cause.params["error"]) == ("missing", "100")
    assert error.cause.params["said"] == told["error"]["message"]
    # Where Meta leaves out the second code, its words tell the same.
    del told["error"]["error_subcode"]
    host.always(graph_host.answer(told, 400))
    assert error_of(client.lead(LEAD)) == error


WORDS = (
    "Error validating access token: Session has expired on Thursday, 26-Nov-26 03:00:00 PST. The "
    "current time is Friday, 27-Nov-26 09:10:11 PST.",
    "(#200) Requires leads_retrieval permission to manage the object 153125381133",
    "Unsupported get request. Object with ID '9200000000000001' does not exist, cannot be loaded "
    "due to missing permissions, or does not support this operation",
    "(#4) Application request limit reached",
    "Invalid OAuth access token signature.",
    "See https://developers.facebook.com/docs/graph-api/reference/page/leadgen_forms for more",
)


@pytest.mark.parametrize("words", WORDS)
def test_metas_words_stay(words: str) -> None:
    assert without_tokens(words) == words


@given(
    st.sampled_from(
        (
            "Malformed access token {} here",
            "token={} here",
            'it has {{"access_token":"{}"}} here',
            "appsecret_proof={}&x here",
            "Bearer {} here",
            "the secret %3D{} here",
            "{} here",
            "'{}' here",
        )
    ),
    st.from_regex(
        r"(EAA[A-Za-z0-9]{30,200}|[0-9]{6,16}\|[A-Za-z0-9_-]{27}|[a-f0-9]{31}[a-f][0-9])",
        fullmatch=True,
    ),
)
def test_nothing_that_looks_like_a_token_stays(template: str, token: str) -> None:
    said = without_tokens(template.format(token))
    assert token not in said
    assert not any(token[start : start + 12] in said for start in range(len(token) - 12))
    assert said.rstrip('"}').endswith("here")


def test_the_proxy_of_the_environment_is_used(
    host: GraphHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A free host may let nothing out but by its proxy."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"http://someone:pass%40word@127.0.0.1:{host.port}")
    away = Client("http://graph.invalid", "v26.0", TOKEN, SECRET)
    assert away.lead(LEAD).lead
    (asked,) = host.asked
    assert (asked.path, asked.headers["Host"]) == (f"/v26.0/{LEAD}", "graph.invalid")
    basic = base64.b64encode(b"someone:pass@word").decode()
    assert asked.headers["Proxy-Authorization"] == f"Basic {basic}"
    away.close()
    monkeypatch.setenv("no_proxy", "graph.invalid")
    direct = Client("http://graph.invalid", "v26.0", TOKEN, SECRET)
    assert error_of(direct.lead(LEAD)).cause.params == {"error": "ConnectError"}
    direct.close()
    assert len(host.asked) == 1
