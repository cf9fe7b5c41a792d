"""What the logs of servers have in the place of a query: nothing of it, whatever is in it."""

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.api import access_log

HIDDEN = "Zoë"
# Texts that could pass for the end of the query.
QUERY = f'comment=a "b" HTTP/1.1" 200 &q=9848000001 {HIDDEN}'
TARGET = f"/leads/1?{QUERY}"


class Atoms(dict[str, Any]):
    """gunicorn's own kind of dict: what it does not have is a dash."""

    def __missing__(self, _name: str) -> str:
        return "-"


@pytest.mark.parametrize(
    ("logger", "message", "arguments", "expected"),
    [
        (
            "uvicorn.access",
            '%s - "%s %s HTTP/%s" %d',
            ("::1:5", "PUT", TARGET, "1.1", 200),
            '::1:5 - "PUT /leads/1?- HTTP/1.1" 200',
        ),
        (
            "werkzeug",
            '::1 - - [now] "%s" %s %s',
            (f"PUT {TARGET} HTTP/1.1", "200", "-"),
            '::1 - - [now] "PUT /leads/1?- HTTP/1.1" 200 -',
        ),
        (
            "django.server",
            '"%s" %s %s',
            (f"PUT {TARGET} HTTP/1.1", "200", "7"),
            '"PUT /leads/1?- HTTP/1.1" 200 7',
        ),
        (
            "gunicorn.access",
            '%(h)s "%(r)s" %(q)s %({query_string}e)s "%(f)s" %(x)s',
            (
                Atoms(
                    {
                        "h": "::1",
                        "r": f"PUT {TARGET} HTTP/1.1",
                        "q": QUERY,
                        "{query_string}e": QUERY,
                    },
                    f=f"https://other.example{TARGET}",
                ),
            ),
            '::1 "PUT /leads/1?- HTTP/1.1" - - "https://other.example/leads/1?-" -',
        ),
        (
            "granian.access",
            f'::1 "PUT {TARGET} HTTP/1.1" 200 "https://other.example{TARGET}"',
            (),
            '::1 "PUT /leads/1?-',
        ),
    ],
)
def test_the_query_is_left_out(
    logger: str,
    message: str,
    arguments: tuple[Any, ...],
    expected: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    access_log.hide_queries()
    with caplog.at_level(logging.INFO, logger):
        logging.getLogger(logger).info(message, *arguments)
    assert caplog.messages == [expected]


@given(before=st.text('/ab "', max_size=9), query=st.text(max_size=60))
def test_nothing_in_a_query_shortens_what_is_hidden(before: str, query: str) -> None:
    for cleaned in (
        access_log._clean(f"{before}?{query}"),
        access_log._clean(f"{before}?{query}?"),
    ):
        assert cleaned == f"{before}?-"
    line = f"GET {before}?{query} HTTP/1.1"
    assert access_log._clean(line) == f"GET {before}?- HTTP/1.1"


@pytest.mark.parametrize("mark", ["?", "%3F", "%3f", "%253F", "%25253f"])
def test_an_encoded_query_is_left_out(mark: str) -> None:
    cleaned = access_log._clean(f"GET /leads/1{mark}comment={HIDDEN}?9848000001 HTTP/1.1")
    assert cleaned == "GET /leads/1?- HTTP/1.1"


def test_other_records_are_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    access_log.hide_queries()
    with caplog.at_level(logging.INFO, "werkzeug"):
        logging.getLogger("werkzeug").info("Press %s to quit, %d times", "CTRL+C", 2)
    assert caplog.messages == ["Press CTRL+C to quit, 2 times"]


INVALID = "Invalid request from ip="


@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [
        (f"{INVALID}::1: Invalid Request Line 'GEX {TARGET}\n{HIDDEN} %s'", (), f"{INVALID}::1: -"),
        (f"{INVALID}: Invalid Header: 'X: 9848000001'", (), f"{INVALID}: -"),
        ("Error handling request %s", (TARGET,), "Error handling request /leads/1?-"),
        ("Worker (pid:%s)! Out of memory?", (7,), "Worker (pid:7)! Out of memory?"),
    ],
)
def test_gunicorns_errors_do_not_quote_a_request(
    message: str, arguments: tuple[Any, ...], expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    access_log.hide_queries()
    logging.getLogger(access_log.ERRORS).warning(message, *arguments)
    assert [record.getMessage() for record in caplog.records] == [expected]
