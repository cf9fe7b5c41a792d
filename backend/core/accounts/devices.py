"""What people call the browser or program that a request comes from."""

import re

# In order: a browser also names the older ones that it is like.
_BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"\bOPR/|\bOpera\b")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\bFirefox/|\bFxiOS/")),
    ("Chrome", re.compile(r"Chrom(?:e|ium)/|\bCriOS/")),
    ("Safari", re.compile(r"\bSafari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Mac", re.compile(r"\bMacintosh\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)
_PROGRAM = re.compile(r"[A-Za-z][\w.-]{0,39}")
UNKNOWN = "Unknown device"


def name_of(user_agent: str) -> str:
    """Return what a `User-Agent` stands for: `Chrome on Android`, or the name of a program."""
    text = user_agent[:1000]
    system = _first(_SYSTEMS, text)
    browser = _first(_BROWSERS, text)
    if browser:
        return f"{browser} on {system}" if system else browser
    program = _PROGRAM.match(text)
    if program and program[0] != "Mozilla":
        return program[0]
    return system or UNKNOWN


def _first(named: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> str:
    return next((name for name, pattern in named if pattern.search(text)), "")
