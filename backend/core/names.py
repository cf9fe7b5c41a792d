"""Read a person's name as a person or a program wrote it."""

import unicodedata


def clean(text: str | None) -> str | None:
    """Return a name without format characters and doubled spaces, or None if nothing is left."""
    if not text:
        return None
    if not text.isascii():
        text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c == "\t")
    return " ".join(text.split()) or None


def join(*parts: str | None) -> str | None:
    """Return the whole name of a first and a last name."""
    return clean(" ".join(part for part in parts if part))
