"""Turn the sentences that notes once held into codes with parameters. Frozen: don't change it.

Used by step 0009. A sentence that isn't known is kept as the parameter `text` of the code `other`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Details = dict[str, Any]

# Said no more than the reason beside it does.
_PLAIN = {
    "No one knows this center": "unknown_center",
    "There is no phone": "no_phone",
    "There is neither a phone nor an email": "no_contact",
    "No center is named": "no_center",
    "This is signed as Meta's, and no notification": "unreadable",
    "It can't be made sense of: see the log of the server": "error",
    "The graph host answered something else": "unexpected_answer",
    "The graph host packs its answers": "compressed_answer",
    "The graph host answered too much": "answer_too_large",
    "The address of the next page can't be read": "bad_next_page",
    "The next page is on another host: not followed": "other_host",
    "The form has more pages than are read at once": "too_many_pages",
    "META_ACCESS_TOKEN is not set": "no_token",
    "It took too long: the next one goes on": "out_of_time",
    "It took too long: the next one begins anew": "form_out_of_time",
    "The import was undone": "import_undone",
    "It runs": "running",
    "It failed: see the log of the server": "crashed",
}
# A number is a number, but for the code of Meta's error, which may be as long as it likes.
_WITH_PARAMETERS: Mapping[str, tuple[str, Mapping[str, Callable[[str], Any]]]] = {
    r"(\d{1,9}) leads announced, (\d{1,9}) of them new": (
        "announced",
        {"announced": int, "new": int},
    ),
    r"(\d{1,9}) leads announced, (\d{1,9}) of them new; "
    r"(\d{1,9}) changes name no lead that can be read": (
        "unreadable_changes",
        {"announced": int, "new": int, "unreadable": int},
    ),
    r"The graph host answered the error (-?\d+)": ("graph_error", {"error": str}),
    r"The graph host answered (\d{3})": ("graph_status", {"status": int}),
    r"The graph host answered (\d{3}), not JSON": ("not_json", {"status": int}),
    r"The graph host can't be read: (\w+)": ("unreachable", {"error": str}),
}
_REPORT = re.compile(r"(\d{1,9}) forms read, (\d{1,9}) leads, (\d{1,9}) of them new((?:; .*)?)")
_FORM = re.compile(r"form (\d+): (.*)")
_PAUSED = "The graph host is paused: "


def of_delivery(state: str, reason: str | None, note: str) -> Details | None:
    """Return the details of a delivery, in place of its note; None where it needs none."""
    details = _of(note)
    if state == "dismissed" and details["code"] != "import_undone":
        # A person's own words, whatever they are.
        details = {"code": "dismissed", "text": note}
    return _beside(reason, details)


def of_pause(reason: str, note: str) -> tuple[str, Details | None]:
    """Return the reason and the details of a pause or of the backfill's marker."""
    if reason not in ("done", "trouble"):
        return reason, _beside(reason, _of(note))
    details = _of(note) if (found := _REPORT.fullmatch(note)) is None else _of_report(found)
    code: str = details["code"]
    if code not in ("running", "crashed", "done", "problems"):
        code = "problems" if reason == "trouble" else "done"
    return code, _beside(code, details)


def _of_report(found: re.Match[str]) -> Details:
    forms, leads, new, rest = found.groups()
    counts = {"forms": int(forms), "leads": int(leads), "new": int(new)}
    problems = [_of_problem(text) for text in rest.split("; ")[1:]]
    if not problems:
        return {"code": "done", **counts}
    return {"code": "problems", **counts, "problems": problems}


def _of_problem(text: str) -> Details:
    if found := _FORM.fullmatch(text):
        return {"code": "form_problem", "form_id": found[1], "cause": _of(found[2])}
    if text.startswith(_PAUSED):
        return {"code": "paused", "cause": _of(text.removeprefix(_PAUSED))}
    return _of(text)


def _of(note: str) -> Details:
    if code := _PLAIN.get(note):
        return {"code": code}
    for pattern, (code, params) in _WITH_PARAMETERS.items():
        if found := re.fullmatch(pattern, note):
            values = zip(params.items(), found.groups(), strict=True)
            return {"code": code, **{name: kind(value) for (name, kind), value in values}}
    return {"code": "other", "text": note}


def _beside(reason: str | None, details: Details) -> Details | None:
    """Leave out a code that the reason beside it has already."""
    if details["code"] == reason:
        details = {name: value for name, value in details.items() if name != "code"}
    return details or None
