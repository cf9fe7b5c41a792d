"""What the logs of servers say of the webhook, which may be asked with a token in its query."""

import logging
from typing import Any

import pytest

from backend.api import access_log

HIDDEN = "open-sesame"
TARGET = f"/leads/meta-webhook/?token={HIDDEN}"


class Atoms(dict[str, Any]):
    """gunicorn's own kind of dict: what it does not have is a dash."""

    def __missing__(self, _name: str) -> str:
        return "-"


@pytest.mark.parametrize(
    ("logger", "message", "arguments"),
    [
        ("uvicorn.access", '%s - "%s %s HTTP/%s" %d', ("::1:5", "POST", TARGET, "1.1", 200)),
        ("werkzeug", '::1 - - [now] "%s" %s %s\n', (f"POST {TARGET} HTTP/1.1", "200", "-")),
        ("django.server", '"%s" %s %s', (f"POST {TARGET} HTTP/1.1", "200", "7")),
        ("gunicorn.access", '%(h)s "%(r)s" %(x)s', (Atoms(h="::1", r=f"POST {TARGET} HTTP/1.1"),)),
        ("granian.access", f'::1 "POST {TARGET} HTTP/1.1" 200', ()),
    ],
)
def test_the_query_of_the_webhook_is_left_out(
    logger: str, message: str, arguments: tuple[Any, ...], caplog: pytest.LogCaptureFixture
) -> None:
    access_log.hide_tokens()
    with caplog.at_level(logging.INFO, logger):
        logging.getLogger(logger).info(message, *arguments)
    assert "/leads/meta-webhook/?-" in caplog.text
    assert HIDDEN not in caplog.text


def test_other_queries_are_none_of_its_business(caplog: pytest.LogCaptureFixture) -> None:
    access_log.hide_tokens()
    with caplog.at_level(logging.INFO, "uvicorn.access"):
        logging.getLogger("uvicorn.access").info("%s %d", "/leads/?token=x", 200)
    assert caplog.messages == ["/leads/?token=x 200"]
