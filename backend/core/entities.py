"""Undo what programs do to a text that is shown in a web page: `D&#39;Souza`, `R&amp;D`."""

import html
import re

# Only with its semicolon: `AT&T` and `Lake&Park` are texts.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


def unescaped(text: str) -> str:
    """Return a text with characters in the place of HTML's names for them."""
    if "&" not in text or ";" not in text:
        return text
    # Some are escaped twice: `&amp;#39;`.
    for _ in range(2):
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return text
