"""The text of a stored body for a person, where what is stored can't be read as it is."""

from backend.core.intake.bodies import decoding, stored_text, unpacking
from backend.core.intake.bodies.errors import TooLong, Unreadable

# In bytes, of a body that is compressed.
_LONGEST = 1 << 20


def text(body: str, content_type: str | None, encoding: str | None) -> str | None:
    """Return the text of a body that is kept as base64; None where there is none to add."""
    content = stored_text.decode(body)
    if content == body.encode():
        return None
    try:
        content = unpacking.unpack(content, encoding or "", _LONGEST)
    except (TooLong, Unreadable):
        return None
    return decoding.decode(content, content_type or "").replace("\0", "\ufffd")
