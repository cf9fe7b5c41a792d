"""What every error looks like, whatever route and whatever server it comes from."""

import re
from typing import Any

from pydantic_core import _pydantic_core

from tests.servers import Answer

FAULT = {"type": str, "loc": list, "msg": str}
# A text that a person reads, in characters; some name what there is to choose from.
LONGEST = 1000


def _templates() -> re.Pattern[str]:
    """All that Pydantic says of a fault, with whatever it puts into it."""
    templates: set[str] = set()
    for kind in _pydantic_core.list_all_errors():
        templates |= {kind["message_template_python"], kind.get("message_template_json") or ""}
    fixed = (re.split(r"\{\w+\}", template) for template in templates if template)
    return re.compile("|".join(".*?".join(map(re.escape, parts)) for parts in fixed), re.I)


PYDANTIC = _templates()


def check_sentence(text: str) -> None:
    """Words for a person: bounded, beginning like a sentence, and none of Pydantic's."""
    assert 8 <= len(text) <= LONGEST, text
    assert text[0].isupper() or text[0].isdigit(), text
    assert " " in text, text
    assert not PYDANTIC.search(text), text


def check_body(status: int, body: Any) -> None:
    """`{"detail": sentence}`, and for a 422 its faults in `errors` beside it."""
    assert list(body) == (["detail", "errors"] if status == 422 else ["detail"]), body
    assert isinstance(body["detail"], str), body
    check_sentence(body["detail"])
    if status != 422:
        return
    assert body["errors"], body
    for fault in body["errors"]:
        assert list(fault) == list(FAULT), body
        assert all(isinstance(fault[name], kind) for name, kind in FAULT.items()), body
        assert fault["loc"][0] in ("body", "query", "path"), body
        assert all(isinstance(step, str | int) for step in fault["loc"]), body
        assert fault["type"], body
        check_sentence(fault["msg"])
    # The first of them is told, after the label of its field.
    assert body["errors"][0]["msg"].casefold() in body["detail"].casefold(), body


def check_error(answer: Answer, *never: str) -> None:
    """The body of an error and its headers; none of `never` stands in it."""
    where = f"{answer.status} {answer.body[:300]!r}"
    assert 400 <= answer.status < 600, where
    assert answer.headers["content-type"] == "application/json", where
    assert answer.headers["content-length"] == str(len(answer.body)), where
    check_body(answer.status, answer.json())
    for text in never:
        assert text not in answer.body.decode(), where
