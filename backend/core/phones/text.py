"""Read the numbers in a text of any kind."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from backend.core.phones import numbering, runs
from backend.core.phones.fold import folded
from backend.core.phones.noise import without_noise, without_short_dates
from backend.core.phones.phone import BLANK, Phone, PhoneIssue
from backend.core.phones.runs import Gap, Run

# Characters of a text, and runs of digits in it, that are looked at.
LONGEST_TEXT, MOST_RUNS = 2000, 30
# Characters that can be between two groups of a number.
_FEW = 5
# An age before a number that lacks a digit would complete it: `8, 984802233`.
_PAIR, _AGE = 2, 2
# The most numbers of one lead.
MOST_NUMBERS = 10


def read_text(text: str, region: str) -> Phone:
    """Return the numbers in a text, in the order in which they are there."""
    text = text.strip()
    is_long = len(text) > LONGEST_TEXT
    whole = folded(text[:LONGEST_TEXT])
    if not whole.strip():
        return Phone(issue=PhoneIssue.NO_DIGITS) if is_long else BLANK
    if is_long:
        whole = _without_end(whole)
    cleaned, is_lost = without_noise(whole)
    text = without_short_dates(cleaned)
    phone = _read_runs(text, region, is_lost)
    if phone.e164 is None and text != cleaned:
        return _read_runs(cleaned, region, is_lost)
    return phone


def _read_runs(text: str, region: str, is_lost: bool) -> Phone:
    """Return the numbers in a text without noise."""
    found = runs.find(text, MOST_RUNS)
    for run in found:
        if not run.has_plus and len(run.groups) == 1 and numbering.is_rounded(run.groups[0]):
            is_lost = True
        else:
            run.numbers = runs.read(run, region)
    _join_codes(found, region)
    _join_parts(found, region)
    _continue_series(found)
    for run in found:
        run.numbers = tuple(one for one in run.numbers if not numbering.is_placeholder(one))
    numbers = list(dict.fromkeys(number for run in found for number in run.numbers))
    if not numbers:
        return Phone(issue=_issue(found, region, is_lost))
    extension = next(run.extension for run in found if run.numbers)
    return Phone(numbers[0], None, extension, tuple(numbers[1:MOST_NUMBERS]))


def _without_end(text: str) -> str:
    """Return the beginning of a long text without a number that may go on behind it."""
    is_number = any(map(str.isdigit, text[-_FEW:]))
    return text.rstrip("+ -.()0123456789") if is_number else text


def _join_codes(found: Sequence[Run], region: str) -> None:
    """Put a country code that is on its own before the number behind it: `+44 (UK) 7700 900123`."""
    plan = numbering.plan_of(region)
    for code, run in pairwise(found):
        digits = code.digits
        is_code = code.has_plus and numbering.country_code(digits) == digits
        if not is_code or run.has_plus:
            continue
        if number := numbering.international(digits + run.digits):
            run.numbers = (number,)
        elif plan is None or plan.code != digits:
            # Without the code it would be a stranger's number here.
            run.numbers = ()


def _join_parts(found: Sequence[Run], region: str) -> None:
    """Read parts that are no numbers and have only a divider between them: `7,013,010,031`."""
    for parts in _unread(found):
        is_age = len(parts[0].digits) <= _AGE and parts[1].gap is Gap.DIVIDER
        if len(parts) == _PAIR and is_age and not parts[0].has_plus:
            continue
        groups = [group for part in parts for group in part.groups]
        digits, has_plus = "".join(groups), parts[0].has_plus
        number = runs.whole(digits, has_plus, region)
        parts[-1].numbers = (number,) if number else runs.split(groups, has_plus, region)


def _unread(found: Sequence[Run]) -> Iterator[list[Run]]:
    """Yield neighbours without a number, two or more, with no word and no full stop between."""
    parts: list[Run] = []
    for run in found:
        if run.numbers or (parts and run.gap > Gap.DIVIDER):
            if len(parts) > 1:
                yield parts
            parts = []
        if not run.numbers:
            parts.append(run)
    if len(parts) > 1:
        yield parts


def _continue_series(found: Sequence[Run]) -> None:
    """Complete numbers of which only the end is written, after the number that they are like."""
    last: str | None = None
    for run in found:
        if last and not run.numbers and not run.has_plus:
            number = runs.of_same_area(last, run.digits)
            if number is None and run.slash and len(run.groups) == 1:
                number = runs.next_in_series(last, run.digits)
            run.numbers = (number,) if number else ()
        last = run.numbers[-1] if run.numbers else None


def _issue(found: Sequence[Run], region: str, is_lost: bool) -> PhoneIssue:
    """Return why no run is a number: what is wrong with the longest one."""
    if is_lost:
        return PhoneIssue.DIGITS_LOST
    if not found:
        return PhoneIssue.NO_DIGITS
    run = max(found, key=lambda run: len(run.digits))
    return numbering.issue_of(run.digits, None if run.has_plus else region)
