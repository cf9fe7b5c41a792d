"""Reasons: each code has a text, and what is stored comes back."""

import string
from pathlib import Path
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from backend.core import reasons
from backend.core.reasons import TEXTS, Reason, ReasonCode
from tests.told import EXACT_REASONS

DOCS = Path(__file__).resolve().parents[3] / "docs"
# A value for each parameter that a text may name.
PARAMS: dict[str, Any] = {
    "lead_id": 12, "leadgen_id": "428", "center": "TOFA {Mars}", "before": "join", "text": "Old",
    "column": "Date", "status": "Hot", "issue": "too_short", "announced": 3, "new": 2,
    "unreadable": 1, "cause": Reason(ReasonCode.NO_TOKEN), "leads": 3, "error": "190",
    "said": "Session expired", "count": 7, "version": "v19.0", "newest": "v25.0",
    "date": "2026-12-01", "answered": "v20.0", "forms": 2, "problems": [], "form_id": "700",
}  # fmt: skip

values = st.integers(1, 2**31) | st.text(st.characters(exclude_categories=["Cs"]))
one_reason = st.builds(
    Reason, st.sampled_from(ReasonCode), st.dictionaries(st.sampled_from(list(PARAMS)), values)
)


def test_each_code_has_a_text_that_says_all_of_its_parameters() -> None:
    assert {*TEXTS} == {*ReasonCode}
    for code, template in TEXTS.items():
        names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
        assert names <= {"lead", "phone_issue", *PARAMS}, code
        said = Reason(code, PARAMS).text
        assert "{" not in said.replace("TOFA {Mars}", ""), code
        assert not said.endswith("."), code
        assert all(str(PARAMS[name]) in said for name in names & {"center", "lead_id", "text"})


def test_the_documentation_names_each_code() -> None:
    pages = "".join((DOCS / f"{one}.md").read_text("utf-8") for one in ("imports", "intake"))
    named = {code for code in ReasonCode if f"`{code.value}`" in pages}
    assert set(ReasonCode) - named <= EXACT_REASONS


def test_a_lead_is_named_by_its_id_or_by_its_row() -> None:
    code = ReasonCode.SAME_PHONE_AND_NAME
    assert Reason(code, reasons.lead_params(12)).text == "Same phone and name as lead 12"
    assert Reason(code, reasons.lead_params(-3)).text == "Same phone and name as row 3"


def test_what_the_api_answers() -> None:
    assert Reason(ReasonCode.UNKNOWN_CENTER, {"center": "TOFA {Mars}"}).shown() == {
        "code": "unknown_center",
        "message": "No center has this name: TOFA {Mars}",
        "center": "TOFA {Mars}",
    }


@given(one_reason)
def test_a_reason_is_stored_and_comes_back(reason: Reason) -> None:
    text = reason.encode()
    assert reasons.decode(text) == reason
    # No text for people is stored.
    assert orjson.loads(text) == {"code": reason.code, **reason.params}


@given(st.lists(one_reason))
def test_several_reasons_are_stored_and_come_back(several: list[Reason]) -> None:
    text = reasons.encode_list(several)
    assert (text is None) == (not several)
    assert reasons.decode_list(text) == several


def test_no_reason() -> None:
    assert reasons.decode(None) is None
    assert reasons.joined([]) == ""


def test_a_code_of_a_newer_version() -> None:
    reason = reasons.decode('{"code":"x"}')
    assert reason is not None
    assert reason.text == "x"
