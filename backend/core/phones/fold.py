"""Fold characters that only look different: digits, pluses, dashes and spaces of every script."""

import unicodedata

# What Unicode doesn't call an equal of an ASCII character, and people do.
_ALIKE = {
    "\u2795": "+",
    "\u2212": "-",
    "\u2043": "-",
    "\u30fc": "-",
    "\u2044": "/",
    "\u2215": "/",
    "\u00b7": ".",
    "\u30fb": ".",
    "\u2022": ".",
    "\u3002": ".",
    "\u066b": ".",
    "\u066c": ",",
    "\u060c": ",",
    "\u3001": ",",
    "\u061b": ";",
    "\u2018": "'",
    "\u2019": "'",
    "\u02bc": "'",
    "\u2028": "\n",
    "\u2029": "\n",
    # Letters and symbols that show nothing.
    "\u115f": " ",
    "\u1160": " ",
    "\u3164": " ",
    "\uffa0": " ",
    "\u2800": " ",
    "\ufffc": " ",
    # The mark of a digit on a key (1️⃣), and a joiner.
    "\u20e3": "",
    "\u034f": "",
}


def folded(text: str) -> str:
    """Return the text with ASCII digits and separators, and without invisible characters."""
    if not text.isascii():
        text = "".join(map(_char, text))
    return text.replace("\r", "\n").replace("\t", " ")


def _char(char: str) -> str:
    if char.isascii():
        return char
    alike = _ALIKE.get(char)
    if alike is not None:
        return alike
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    category = unicodedata.category(char)
    if category == "Cf" or "\ufe00" <= char <= "\ufe0f":
        return ""
    if category == "Zs" or category == "Cc":
        return " "
    if category == "Pd":
        return "-"
    alike = unicodedata.normalize("NFKC", char)
    # A number in a circle isn't a digit of a phone.
    is_sign = alike.isascii() and not any(one.isdigit() for one in alike)
    return alike if is_sign else char
