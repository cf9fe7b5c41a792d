"""Reasons: codes with parameters in the database, texts when they are read."""

import re
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.intake import retry_policy
from backend.core.leads.matching import Verdict
from backend.core.reasons import TEXTS, Reason, ReasonCode
from backend.core.reasons.two_columns import columns, decode, message
from backend.migrations import note_codes

CODES = st.sampled_from(ReasonCode)
PARAMS = st.dictionaries(
    st.sampled_from(["count", "form_id", "said", "text", "status"]),
    st.integers(-(10**9), 10**9) | st.text(max_size=20),
)
REASONS = st.builds(Reason, CODES, PARAMS)


def test_every_code_has_a_text() -> None:
    assert set(TEXTS) == set(ReasonCode)
    for code in (*retry_policy.TABLE, *Verdict):
        assert code in TEXTS


@given(REASONS, CODES, st.lists(REASONS, max_size=3))
def test_the_columns_say_what_was_written(
    reason: Reason, group: ReasonCode, problems: list[Reason]
) -> None:
    whole = Reason(reason.code, {**reason.params, "cause": reason, "problems": problems})
    found = columns(group, whole)
    assert found["reason"] == group
    assert message(found["reason"], found["details"]) == whole.text


@pytest.mark.parametrize("code", ReasonCode)
def test_a_text_can_do_without_its_parameters(code: ReasonCode) -> None:
    assert isinstance(Reason(code).text, str)


def test_texts() -> None:
    def text(code: ReasonCode, **params: Any) -> str:
        return Reason(code, params).text

    assert text(ReasonCode.ANNOUNCED, announced=1, new=1) == "1 lead announced, 1 of them new"
    assert text(ReasonCode.ANNOUNCED, announced=1200, new=0) == (
        "1,200 leads announced, 0 of them new"
    )
    assert text(ReasonCode.GRAPH_ERROR, error="190") == "Meta answered with error 190"
    assert text(ReasonCode.GRAPH_ERROR, error="190", said="It has {expired}") == (
        "Meta answered with error 190: It has {expired}"
    )
    paused = Reason(ReasonCode.PAUSED, {"cause": Reason(ReasonCode.NO_TOKEN)})
    assert text(
        ReasonCode.PROBLEMS,
        forms=2,
        leads=3,
        new=0,
        problems=[Reason(ReasonCode.FORM_PROBLEM, {"form_id": "7", "cause": paused}), paused],
    ) == (
        "2 forms read, 3 leads, 0 of them new; "
        "form 7: Reading from Meta is paused: META_ACCESS_TOKEN is not set; "
        "Reading from Meta is paused: META_ACCESS_TOKEN is not set"
    )


def test_nothing_to_say() -> None:
    assert message(None, None) is None
    assert decode(None, None) is None
    assert message("from_a_newer_version", None) == "from_a_newer_version"
    assert columns(ReasonCode.NO_PHONE) == {"reason": "no_phone", "details": None}


@pytest.mark.parametrize(
    ("state", "reason", "note", "details"),
    [
        ("waiting", "unknown_center", "No one knows this center", None),
        ("waiting", "no_phone", "There is no phone", None),
        (
            "processed",
            "announced",
            "2 leads announced, 1 of them new",
            {"announced": 2, "new": 1},
        ),
        (
            "failed",
            "unreadable",
            "2 leads announced, 1 of them new; 3 changes name no lead that can be read",
            {"code": "unreadable_changes", "announced": 2, "new": 1, "unreadable": 3},
        ),
        (
            "retrying",
            "token_expired",
            "The graph host answered the error 190",
            {"code": "graph_error", "error": "190"},
        ),
        (
            "retrying",
            "upstream",
            "The graph host answered 502, not JSON",
            {"code": "not_json", "status": 502},
        ),
        ("failed", "error", "It can't be made sense of: see the log of the server", None),
        (
            "dismissed",
            "no_phone",
            "Tested by Asha",
            {"code": "dismissed", "text": "Tested by Asha"},
        ),
        ("dismissed", None, "The import was undone", {"code": "import_undone"}),
        ("failed", "upstream", "Something else", {"code": "other", "text": "Something else"}),
    ],
)
def test_old_sentences_of_deliveries(
    state: str, reason: str | None, note: str, details: object
) -> None:
    assert note_codes.of_delivery(state, reason, note) == details


@pytest.mark.parametrize(
    ("reason", "note", "code", "details"),
    [
        ("done", "It runs", "running", None),
        ("trouble", "It failed: see the log of the server", "crashed", None),
        (
            "done",
            "2 forms read, 3 leads, 0 of them new",
            "done",
            {"forms": 2, "leads": 3, "new": 0},
        ),
        (
            "trouble",
            "1 forms read, 3 leads, 0 of them new; form 7: The graph host answered the error 10; "
            "The graph host is paused: The graph host answered 503",
            "problems",
            {
                "forms": 1,
                "leads": 3,
                "new": 0,
                "problems": [
                    {
                        "code": "form_problem",
                        "form_id": "7",
                        "cause": {"code": "graph_error", "error": "10"},
                    },
                    {"code": "paused", "cause": {"code": "graph_status", "status": 503}},
                ],
            },
        ),
        ("trouble", "The moon", "problems", {"code": "other", "text": "The moon"}),
        ("throttled", "Slow", "throttled", {"code": "other", "text": "Slow"}),
    ],
)
def test_old_sentences_of_pauses(reason: str, note: str, code: str, details: object) -> None:
    assert note_codes.of_pause(reason, note) == (code, details)


@given(st.text(min_size=1), st.sampled_from(["retrying", "dismissed"]))
def test_no_old_sentence_is_lost(note: str, state: str) -> None:
    assert note_codes.of_delivery(state, "upstream", note) == {
        "code": "dismissed" if state == "dismissed" else "other",
        "text": note,
    }


def test_the_codes_of_old_sentences_are_known() -> None:
    source = Path(note_codes.__file__).read_text(encoding="utf-8")
    found = set(re.findall(r': "([a-z_]+)",$|"code": "([a-z_]+)"|\("([a-z_]+)",', source, re.M))
    codes = {one for group in found for one in group if one}
    assert codes
    assert codes <= set(ReasonCode)


def test_templates_name_their_parameters() -> None:
    """A positional `{}` would take none of them."""
    for template in TEXTS.values():
        names = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
        assert all(name.isidentifier() for name in names), template
