"""A body's bytes as a text column holds them, so that they can be had back unchanged."""

from base64 import b64decode, b64encode

# Before the base64 of bytes that no text column takes as they are.
_BASE64 = "base64:"


def encode(body: bytes) -> str:
    """Return the text: the body itself where it is UTF-8 without a NUL, otherwise its base64."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or text.startswith(_BASE64):
        return f"{_BASE64}{b64encode(body).decode()}"
    return text


def decode(text: str) -> bytes:
    """Return the bytes of a stored text."""
    if text.startswith(_BASE64):
        return b64decode(text.removeprefix(_BASE64))
    return text.encode()


def readable(text: str) -> str:
    """Return a stored text for reading: UTF-8 without its mark, what can't be read replaced."""
    body = decode(text).removeprefix(b"\xef\xbb\xbf")
    return body.decode(errors="replace").replace("\0", "\ufffd")
