"""Read an email address as a person or a program wrote it: without what is put around it."""

import re

from backend.core import names

_ADDRESS = r"([^\s@<>()\[\],;:?\"]+@[^\s@<>()\[\],;:?\"]+\.[^\s@<>()\[\],;:?\"]+)"
_WRITTEN = re.compile(
    rf"""
    # mailto:a@b.example?subject=Hi
    <?\s?mailto:\s?{_ADDRESS}(?:\?[^<>]*)?>?
    # Asha Rao <a@b.example>
  | [^<>@]{{0,200}}<\s?(?:mailto:)?{_ADDRESS}\s?>[\s,;.]{{0,5}}
    # [a@b.example](mailto:a@b.example)
  | \[[^\[\]]{{0,200}}\]\(mailto:{_ADDRESS}(?:\?\S*)?\)
    # Email: a@b.example, and "a@b.example",
  | ['"(\[\u201c\s]{{0,5}}(?:(?:e-?mail|mail|e)(?:\sid)?\s?[:=]\s?)?
    {_ADDRESS}['")\]\u201d\s,;.]{{0,5}}
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Nearly all are written so, and an import has many.
_PLAIN = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
# A longer text has more in it than an address.
_LONGEST = 500
# What stands between several addresses, and one of them.
_BETWEEN = re.compile(r"[\s,;/|&<>()\[\]\"\u201c\u201d]+")
_ONE = re.compile(r"[\w.+%'\u2019-]+@[\w-]+(?:\.[\w-]+)+")
# Words around an address that say no more than that it is one.
_LABEL = re.compile(r"(?:e-?mails?|mail|id|e|mailto|\W*)[:=]?", re.IGNORECASE)


def clean(text: str | None) -> str | None:
    """Return the address if a text is one with something around it, and any other text as it is."""
    if text is None or _PLAIN.fullmatch(text) or "@" not in text or len(text) > _LONGEST:
        return text
    seen = text if text.isascii() else names.clean(text) or ""
    found = _WRITTEN.fullmatch(seen)
    if found is None:
        return text
    address: str = next(filter(None, found.groups()))
    return address.rstrip(".'")


def split(text: str | None) -> tuple[str | None, str | None]:
    """Return the first address in a text, and the text if there is more in it than that address.

    A text without any is returned as it is.
    """
    if text is None or _PLAIN.fullmatch(text) or "@" not in text or len(text) > _LONGEST:
        return text, None
    seen = text if text.isascii() else names.clean(text) or ""
    pieces = [piece for piece in _BETWEEN.split(seen.partition("?")[0]) if piece]
    said = [piece.rpartition(":")[2].strip("'.\u2018\u2019") for piece in pieces]
    found = [one for one in said if _ONE.fullmatch(one)]
    if not found:
        return clean(text), None
    has_more = any(
        one.casefold() != found[0].casefold() and not _LABEL.fullmatch(piece)
        for piece, one in zip(pieces, said, strict=True)
    )
    return found[0], text if has_more else None
