"""Take out of a text what has digits and is no number: times, dates, ages, emails, web addresses.

And write in plain digits what links and spreadsheets write in their own way.
"""

import re

from backend.core.phones import numbering

# A character that no text has, in the place of what was taken out: numbers end at it.
MARK = "\0"

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_CLOCK = r"\d{1,2}(?:[:.]\d{2})?"
_HALF = r"(?:[ap]\.?m\b\.?|hrs?\b|hours?\b|o'?clock\b|baje\b|h\b)"
# Each begins where no number goes on, and ends where none goes on.
_START, _END = r"(?<![\w+])", r"(?!\d)"
_NOISE = re.compile(
    rf"""
    {_START}(?:
        # 6pm, 6.30-7.30 pm, 18:30, 10:00:00, 10:00 to 11:00
        {_CLOCK}(?:\ ?(?:-|to)\ ?{_CLOCK})?\ ?{_HALF}
      | \d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\ ?(?:-|to)\ ?\d{{1,2}}:\d{{2}})?{_END}
        # 2026-11-28T10:00:00.000Z, 28/11/2026, 28.11.2026, not a part of more groups
      | (?<![\d][./-])(?:
            (?:19|20)\d\d([./-])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])
            (?:T\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,6}})?)?(?:Z|[+-]\d{{2}}:?\d{{2}})?)?
          | (?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)\d\d
        )(?![./-]?\d)
        # 5th Dec 2026, Dec 5, 2026
      | \d{{1,2}}(?:st|nd|rd|th)?[ -]{{1,2}}{_MONTH}(?:[ ,-]{{1,2}}(?:19|20)?\d\d)?{_END}
      | {_MONTH}\ ?\d{{1,2}}(?:st|nd|rd|th)?(?:,?\ (?:19|20)\d\d)?{_END}
        # 11 years, 2 kids, 5th class, 3rd floor
      | \d{{1,2}}\ ?(?:y(?:ea)?rs?\b|y/?o\b|months?\b|kids?\b|child|(?:st|nd|rd|th)\b)
        # age 11, U-13, class 5, after 6
      | (?:aged?|u|under|class|grade|std|standard|batch|flat|plot|house|room|door|floor)
        [ :.-]{{0,3}}\d{{1,4}}(?![\d-])(?!\ ?[-.]?\d{{1,4}}(?!\d))
      | (?:after|before|until|till|post)[ :]{{0,2}}(?:1[0-2]|[1-9])(?!\d|\.\d)
        # 100% sure, 24x7, 24/7
      | \d{{1,3}}\ ?% | 24\ ?[x*/]\ ?7{_END}
        # (11) behind a number
      | \(\ ?\d{{1,2}}\ ?\)(?![\s.-]{{0,3}}[\d(+])
        # 1) and 2. before the numbers of a list
      | [1-9][.)]\s{{1,3}}(?=\+|\d{{5}})
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# 5/12/26, which is a whole number in countries of few people: `20.12.34`.
_SHORT_DATE = re.compile(rf"{_START}(?<![\d][./-])\d{{1,2}}([./-])\d{{1,2}}\1\d\d(?![./-]?\d)")
_URL = re.compile(r"(?:https?://|www\.)", re.IGNORECASE)
_WHATSAPP = re.compile(
    r"(?:wa\.me/|whatsapp(?:\.com/|://)send/?\?(?:\S{0,200}?&)?phone=)\+?(\d{6,17})", re.IGNORECASE
)
_WHATSAPP_ID = re.compile(r"(\d{6,15})(?::\d{1,3})?@(?:s\.whatsapp\.net|c\.us)", re.IGNORECASE)
_CONTEXT = re.compile(r"^\s*tel:([\d().-]{1,20});phone-context=\+([\d.-]{1,12})", re.IGNORECASE)
_POWER = re.compile(
    r"(?<![\w.,])(\d{1,3})(?:[.,](\d{1,20}))?"
    r"\ ?(?:e|[x*\u00d7]\ ?10\ ?\^)\ ?\+?\ ?(\d{1,3})(?![\w.])",
    re.IGNORECASE,
)
# 7013010031.0, also with separators of thousands that aren't the decimal one.
_DECIMAL = re.compile(
    r"(?<![\d.,])"
    r"(\d{6,20}|\d{4,5}(?=[.,]00?\b)|\d{1,3}(?:[,' ]\d{2,3}){2,5}|\d{1,3}(?:\.\d{3}){2,5}(?=,))"
    r"[.,]0{1,6}(?![\d.,]?\d)"
)
_FRACTION = re.compile(r"(?<![\d.,+])[1-9]\d{6,16}\.\d{1,2}(?![\d.,]?\d)")
# A lead's age, an hour or a number of leads: exponents below this are none of a phone.
_LEAST_POWER = 6


def without_short_dates(text: str) -> str:
    """Return a text without dates such as `5/12/26`."""
    return _SHORT_DATE.sub(MARK, text)


def without_noise(text: str) -> tuple[str, bool]:
    """Return a folded text with only the digits of numbers, and whether digits have been lost."""
    is_lost = False
    if "%" in text:
        text = text.replace("%2B", "+").replace("%2b", "+")
    if "tel:" in text.lower():
        text = _CONTEXT.sub(r"+\2 \1", text)
    if "@" in text or "/" in text or "www" in text:
        text = " ".join(map(_link, text.split(" ")))
    text = text.replace("%20", " ")

    def power(match: re.Match[str]) -> str:
        nonlocal is_lost
        whole, fraction, exponent = match[1], match[2] or "", int(match[3])
        if len(fraction) >= exponent and not fraction[exponent:].strip("0"):
            return whole + fraction[:exponent]
        is_lost = is_lost or exponent >= _LEAST_POWER
        return MARK

    text = _POWER.sub(power, text)
    if "." in text or "," in text:
        text = _DECIMAL.sub(r"\1", text)
        text = _FRACTION.sub(MARK, text)
    return _NOISE.sub(MARK, text), is_lost


def _link(word: str) -> str:
    """Return a word without what is an email or a web address, and the number of a chat's link."""
    if match := _WHATSAPP.search(word) or _WHATSAPP_ID.search(word):
        # WhatsApp wants the country code and takes no plus; people leave out both.
        return f"{'+' if numbering.international(match[1]) else ''}{match[1]}{MARK}"
    if "@" in word.strip("@") or _URL.match(word):
        return MARK
    return word
