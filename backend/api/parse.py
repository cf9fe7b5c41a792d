"""Turn the bytes of a request into validated models. No error repeats the input."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import unquote_to_bytes

import orjson
from pydantic import BaseModel, ValidationError

from backend.core.errors import Invalid

Model = TypeVar("Model", bound=BaseModel)
Options = TypeVar("Options")

# More than any form has: each field takes memory before it is checked.
MAX_FIELDS = 1000
_JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a multipart form."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form(Generic[Options]):
    """A file, and the other fields of its form."""

    file: File
    options: Options


Fields = dict[str, str | File]


def validate(model: type[Model], values: object, place: str) -> Model:
    """Return the values as a model. Raises `Invalid`, each location starting with `place`."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Invalid.of(error, place) from None


def query(raw: bytes, repeated: Collection[str] = ()) -> dict[str, str | list[str]]:
    """Return the fields of a query.

    A field in `repeated` has the list of its values, any other the last of them.
    Raises `Invalid`.
    """
    fields: dict[str, str | list[str]] = {name: [] for name in repeated}
    for name, value in _pairs(raw, "query"):
        listed = fields.get(name)
        if isinstance(listed, list):
            listed.append(value)
        else:
            fields[name] = value
    return fields


def json(body: bytes, content_type: str) -> dict[str, Any]:
    """Return a JSON object. Raises `Invalid`.

    The last value of a repeated key counts; RFC 8259, section 4, leaves that open.
    """
    if content_type and not _JSON_TYPE.fullmatch(_media_type(content_type)):
        raise _wrong_type("application/json")
    try:
        value = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        # The decoder's message may repeat the input; its position can't.
        raise Invalid.at(
            "body", error.pos, type="json_invalid", msg="Send the body as valid JSON"
        ) from None
    if not isinstance(value, dict):
        raise Invalid.at("body", type="json_object", msg="Send a JSON object")
    return value


def form(body: bytes, content_type: str) -> Mapping[str, Any]:
    """Return the fields of a form: urlencoded, multipart or a JSON object. Raises `Invalid`."""
    media_type = _media_type(content_type)
    if media_type == "application/x-www-form-urlencoded":
        return dict(_pairs(body, "body"))
    if media_type == "multipart/form-data":
        return multipart(body, content_type)
    if media_type and _JSON_TYPE.fullmatch(media_type):
        return json(body, content_type)
    raise _wrong_type("application/x-www-form-urlencoded, multipart/form-data or application/json")


def multipart(body: bytes, content_type: str) -> Fields:
    """Return the fields and files of a multipart form. The last of a repeated field counts.

    Raises `Invalid`.
    """
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    if _media_type(content_type) != "multipart/form-data":
        raise _wrong_type("multipart/form-data")
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise Invalid.at(
            "body", type="multipart", msg="Send the boundary of the form in its content type"
        )
    parts = _Parts()
    try:
        parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]
        parser.write(body)
        parser.finalize()
    except FormParserError:
        parts.ended = False
    if not parts.ended:
        raise Invalid.at("body", type="multipart", msg="Send the form again: it is incomplete")
    return parts.fields


class _Parts:
    """Collect the parts of a multipart form while the parser reads it."""

    def __init__(self) -> None:
        self.fields: Fields = {}
        self.ended = False
        self._count = 0
        self._name = b""
        self._value = b""
        self._disposition = b""
        self._content: list[bytes] = []

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._count += 1
        if self._count > MAX_FIELDS:
            raise _too_many("body")
        self._disposition, self._content = b"", []

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name = self._value = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._content.append(data[start:end])

    def _end_part(self) -> None:
        from python_multipart.multipart import parse_options_header

        _, options = parse_options_header(self._disposition)
        name = _utf8(options.get(b"name", b""), "body")
        content = b"".join(self._content)
        if b"filename" in options:
            self.fields[name] = File(options[b"filename"].decode(errors="replace"), content)
        else:
            self.fields[name] = _utf8(content, "body")

    def _end(self) -> None:
        self.ended = True


def _pairs(raw: bytes, place: str) -> Iterator[tuple[str, str]]:
    parts = [part for part in raw.split(b"&", MAX_FIELDS + 1) if part]
    if len(parts) > MAX_FIELDS:
        raise _too_many(place)
    for part in parts:
        name, _, value = part.replace(b"+", b" ").partition(b"=")
        yield _utf8(unquote_to_bytes(name), place), _utf8(unquote_to_bytes(value), place)


def _utf8(raw: bytes, place: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Invalid.at(place, type="encoding", msg="Send text in UTF-8") from None


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _wrong_type(expected: str) -> Invalid:
    return Invalid.at("body", type="content_type", msg=f"Send the body as {expected}")


def _too_many(place: str) -> Invalid:
    return Invalid.at(place, type="too_many", msg=f"Send at most {MAX_FIELDS:,} fields")
