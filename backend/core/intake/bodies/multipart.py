"""Multipart forms, read with patience: without their content type, their end, or their CRs."""

import re
from email.message import Message
from email.parser import BytesParser

from backend.core.intake.bodies.decoding import decode

_TYPE = "multipart/form-data"
# The first line of a form, and the beginning of its first part.
_BEGINNING = re.compile(rb"\s*--([^\r\n]{1,200}?)[ \t]*\r?\n(?=(?i:content-))")
_MOST_PARTS = 1000


def read(body: bytes, content_type: str) -> list[tuple[str, str]] | None:
    """Return the fields of a form; a file's value is its name. None for anything else."""
    beginning = _BEGINNING.match(body)
    if beginning is None:
        return None
    # The form itself knows its boundary best: some senders write another one into the header.
    head = b'Content-Type: %s; boundary="%s"\r\n\r\n' % (_TYPE.encode(), beginning[1])
    form = BytesParser().parsebytes(head + body)
    parts = form.get_payload()
    if not isinstance(parts, list) or len(parts) > _MOST_PARTS:
        return None
    read = [_field(part, content_type) for part in parts if isinstance(part, Message)]
    return [field for field in read if field is not None]


def _field(part: Message, content_type: str) -> tuple[str, str] | None:
    headers = Message()
    for key, value in part.raw_items():
        # Bytes in a header are UTF-8 (RFC 7578, section 5.1); the parser gives them as surrogates.
        headers[key] = decode(str(value).encode("utf-8", errors="surrogateescape"))
    name = _parameter(headers, "name")
    if name is None:
        return None
    file = _parameter(headers, "filename")
    if file is not None:
        return name, file
    content = part.get_payload(decode=True)
    text = content if isinstance(content, bytes) else b""
    return name, decode(text, headers.get("content-type", content_type))


def _parameter(headers: Message, name: str) -> str | None:
    """Return a parameter of the disposition, as RFC 2231 and RFC 7578 write it."""
    value = headers.get_param(name, header="content-disposition")
    if isinstance(value, tuple):
        charset, _, text = value
        return decode(text.encode("latin-1", errors="replace"), f"charset={charset}")
    return value if isinstance(value, str) else None
