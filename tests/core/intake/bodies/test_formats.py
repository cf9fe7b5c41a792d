"""Whatever format a body has, and whatever its headers say, its value is the same."""

import gzip
import json
import zlib
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.intake.bodies import formats, json_text, stored_text
from backend.core.intake.bodies.errors import TooLong, Unreadable

LIMIT = 1 << 20
VALUE = {"phone_number": "+91 98480 22338", "full_name": "Zoë Khan", "nearest_center": "TOFA"}
JSON = json.dumps(VALUE, ensure_ascii=False)
FORM = "application/x-www-form-urlencoded"


def read(body: bytes, content_type: str = "", encoding: str = "") -> Any:
    return formats.read(body, content_type, encoding, LIMIT)


@pytest.mark.parametrize("space", [" ", "\t"])
def test_a_line_of_spaces_is_read_once(space: str) -> None:
    """A body of a megabyte that is made to be read again from each of its characters."""
    with suppress(Unreadable):
        read((space * (LIMIT - 1) + "x").encode(), "text/plain")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json", "application/json; charset=utf-8", "text/plain;charset=UTF-8", "",
        FORM, "application/csp-report", "application/ld+json", "application/octet-stream",
        "multipart/form-data", "nonsense", "text/plain; charset=klingon", ";;;",
    ],
)  # fmt: skip
def test_json_under_any_content_type(content_type: str) -> None:
    assert read(JSON.encode(), content_type) == VALUE
    assert read(f" \r\n{JSON}\n".encode(), content_type) == VALUE
    assert read(json.dumps(JSON).encode(), content_type) == VALUE, "a text with JSON in it"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            '{"full_name": "Zoë, }", "sports": ["Cricket",\n], }',
            {"full_name": "Zoë, }", "sports": ["Cricket"]},
        ),
        ('[{"full_name": "\\",}"},]', [{"full_name": '",}'}]),
    ],
)
def test_a_comma_behind_the_last_value(text: str, value: Any) -> None:
    assert read(text.encode(), "application/json") == value
    with pytest.raises(Unreadable):
        read(b'{"full_name": "Zoe,}', "application/json")


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be",
     "cp1252"],
)  # fmt: skip
def test_json_in_any_unicode(encoding: str) -> None:
    assert read(JSON.encode(encoding), "application/json") == VALUE


def test_the_charset_of_the_header_counts_for_what_is_not_utf_8() -> None:
    greek = {"full_name": "Ζωή"}
    body = json.dumps(greek, ensure_ascii=False).encode("iso-8859-7")
    assert read(body, 'application/json; charset="ISO-8859-7"') == greek
    assert (
        read(urlencode(greek, encoding="iso-8859-7").encode(), f"{FORM}; charset=iso-8859-7")
        == greek
    )
    # One that isn't for texts, and one that is wrong.
    assert read(JSON.encode("cp1252"), "application/json; charset=rot13") == VALUE
    assert read(JSON.encode(), "application/json; charset=iso-8859-1") == VALUE


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ('{"a": NaN, "b": Infinity, "c": -Infinity}', "{'a': nan, 'b': inf, 'c': -inf}"),
        ('{"a": "one\nand\ttwo"}', r"{'a': 'one\nand\ttwo'}"),
        ('{"a": "\\ud83d\\ude00 \\ud800"}', "{'a': '😀 �'}"),
        ('{"a": "", "a": "x"}', "{'a': 'x'}"),
        ('{"a": "x", "a": null}', "{'a': 'x'}"),
        ('{"a": "x", "a": "x"}', "{'a': 'x'}"),
        ('{"a": "x", "a": ["y"]}', "{'a': ['x', ['y']]}"),
        ('{"b": {"a": "x", "a": "y"}}', "{'b': {'a': ['x', 'y']}}"),
        ('{"a": 9.17013E+11, "b": 919848022338.0, "c": 2.5}',
         "{'a': '9.17013E+11', 'b': 919848022338.0, 'c': 2.5}"),
        ('{"a": 1}\n{"a": 2}\n', "[{'a': 1}, {'a': 2}]"),
        ('{"a": 1},{"a": 2}', "[{'a': 1}, {'a': 2}]"),
        ('{"a": 123456789012345678901234567890, "b": {}}',
         "{'a': '123456789012345678901234567890', 'b': {}}"),
    ],
)  # fmt: skip
def test_json_as_it_is_written(body: str, value: str) -> None:
    assert str(read(body.encode())) == value


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, urlencode(VALUE)),
        (FORM, urlencode(VALUE, encoding="cp1252")),
        (f"{FORM}; charset=utf-8", quote(urlencode(VALUE), safe="&=%+")),
        (FORM, "&" + urlencode(VALUE) + "&&"),
        (FORM, quote(JSON) + "="),
        (FORM, quote(JSON)),
        ("", urlencode(VALUE)),
        ("text/plain", "\r\n".join(f"{name}={value}" for name, value in VALUE.items())),
        ("", "\n\n".join(f"{name} = {value}" for name, value in VALUE.items())),
        ("text/plain", "\n".join(f"{name}: {value}" for name, value in VALUE.items())),
    ],
)
def test_forms(content_type: str, body: str) -> None:
    assert read(body.encode(), content_type) == VALUE


def test_names_of_fields_that_are_nested() -> None:
    body = "a[b][c]=1&a[b][d]=2&s[]=x&s[]=y&t=1&t=2&t=&u[0]=p&u[1]=q&v=1&v[w]=2&z[z=3&w[]=one"
    assert read(body.encode(), FORM) == {
        "a": {"b": {"c": "1", "d": "2"}},
        "s": ["x", "y"],
        "t": ["1", "2"],
        "u": {"0": "p", "1": "q"},
        "v": ["1", {"w": "2"}],
        "z[z": "3",
        "w": "one",
    }


def multipart(parts: dict[str, str], boundary: str = "xyz", end: str = "\r\n") -> str:
    lines = []
    for name, value in parts.items():
        lines += [f"--{boundary}", f'Content-Disposition: form-data; name="{name}"', "", value]
    return end.join([*lines, f"--{boundary}--", ""])


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=xyz", "", "text/plain"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_multipart_forms(content_type: str, end: str) -> None:
    assert read(multipart(VALUE, end=end).encode(), content_type) == VALUE


def test_multipart_forms_that_are_a_little_wrong() -> None:
    whole = multipart(VALUE)
    kind = "multipart/form-data; boundary=another"
    assert read(whole.encode(), kind) == VALUE, "the header names another boundary"
    assert read(whole.removesuffix("--xyz--\r\n").encode(), kind) == VALUE, "without its end"
    assert read(multipart(VALUE).encode("cp1252"), "multipart/form-data") == VALUE


def test_the_files_of_a_form_are_kept_by_name() -> None:
    file = (
        b'--xyz\r\nContent-Disposition: form-data; name="photo"; filename="Zo\xc3\xab.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x89PNG\0\r\n\xff\r\n"
    )
    assert read(file + multipart(VALUE).encode()) == {"photo": "Zoë.png", **VALUE}


@pytest.mark.parametrize("header", [True, False])
def test_compressed_bodies(header: bool) -> None:
    """With and without the header that says so; raw deflate can't be known without it."""
    raw = zlib.compressobj(wbits=-15)
    packed = [
        ("gzip", gzip.compress(JSON.encode(), mtime=0)),
        ("x-gzip", gzip.compress(JSON.encode(), mtime=0)),
        ("deflate", zlib.compress(JSON.encode())),
        ("gzip, gzip", gzip.compress(gzip.compress(JSON.encode()), mtime=0)),
        (
            "gzip",
            gzip.compress(JSON.encode()[:20], mtime=0) + gzip.compress(JSON.encode()[20:], mtime=0),
        ),
        ("gzip", gzip.compress(JSON.encode(), mtime=0) + b"\0" * 8),
        *([("deflate", raw.compress(JSON.encode()) + raw.flush())] if header else []),
    ]
    for encoding, body in packed:
        assert read(body, "application/json", encoding if header else "") == VALUE, encoding
    assert read(gzip.compress(urlencode(VALUE).encode(), mtime=0), FORM) == VALUE
    assert read(JSON.encode(), encoding="gzip") == VALUE, "a proxy has unpacked it"
    assert read(JSON.encode(), encoding="identity") == VALUE


def test_a_bomb_is_refused() -> None:
    flat = gzip.compress(b" " * (LIMIT + 1), mtime=0)
    nested = gzip.compress(gzip.compress(b" " * (64 * LIMIT)), mtime=0)
    many = gzip.compress(b"", mtime=0) * 10_000
    for body in (flat, nested, zlib.compress(b"x" * (LIMIT + 1))):
        with pytest.raises(TooLong):
            read(body)
    with pytest.raises(Unreadable):
        read(many)
    assert (
        read(gzip.compress(JSON.encode() + b" " * (LIMIT - len(JSON.encode())), mtime=0)) == VALUE
    )


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"", "empty_body"),
        (b" \r\n\t", "empty_body"),
        (gzip.compress(b"", mtime=0), "empty_body"),
        (b"not JSON", "unknown_format"),
        (b"hello: world", "unknown_format"),
        (b'{"a": 1', "unknown_format"),
        (b'{"a": 1} and more', "unknown_format"),
        (b"{'phone': 1}", "unknown_format"),
        (b"<lead><phone>1</phone></lead>", "unknown_format"),
        (b'<a href="x">y = z</a>', "unknown_format"),
        (b"\xff\0\x80", "unknown_format"),
        (gzip.compress(JSON.encode(), mtime=0)[:-12], "unknown_format"),
        (b"[" * 100_000, "unknown_format"),
        (b'{"a":' * 100_000, "unknown_format"),
        (b"&".join(b"a%d=1" % number for number in range(10_001)), "too_many_fields"),
    ],
)  # fmt: skip
def test_what_can_not_be_read(body: bytes, cause: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(body)
    assert caught.value.cause == cause


def test_a_coding_that_is_not_known() -> None:
    for encoding in ("br", "zstd", "gzip, br", "gzip,gzip,gzip,gzip"):
        with pytest.raises(Unreadable) as caught:
            read(JSON.encode(), encoding=encoding)
        assert caught.value.cause == "packed_body"


@given(
    st.binary() | st.text().map(str.encode) | st.text().map(lambda text: f"base64:{text}".encode())
)
def test_stored_bytes_come_back_unchanged(body: bytes) -> None:
    text = stored_text.encode(body)
    assert stored_text.decode(text) == body
    assert "\0" not in text
    assert "\0" not in stored_text.readable(text)
    assert text.encode() == body or text.startswith("base64:")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), VALUES))
def test_any_json_object_is_read(value: dict[str, Any]) -> None:
    read_back = read(json.dumps(value).encode())
    assert json_text.dumps(read_back)
    assert list(read_back) == list(dict.fromkeys(read_back))


@given(st.binary(max_size=300), st.sampled_from(["", FORM, "text/plain", "multipart/form-data"]))
def test_any_bytes_are_read_or_known_to_be_unreadable(body: bytes, content_type: str) -> None:
    with suppress(Unreadable):
        json_text.dumps(read(body, content_type))


NAIRA = {"full_name": "Zoë D'Souza", "phone_number": "9848022338", "is_new": True, "note": None}


@pytest.mark.parametrize(
    "text",
    [
        repr(NAIRA),
        """{full_name: "Zoë D'Souza", phone_number: '9848022338', is_new: true, note: undefined}""",
        """// from the page
        {"full_name": 'Zoë D\\'Souza', /* of the parent */ "phone_number": "9848022338",
         "is_new": true, "note": null,}""",
        """{“full_name”: “Zoë D'Souza”, “phone_number”: “9848022338”,
         “is_new”: true, “note”: null}""",
        f"callback({json.dumps(NAIRA)});",
        json.dumps(NAIRA).replace('"', "&quot;"),
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", FORM])
def test_what_is_nearly_json(text: str, content_type: str) -> None:
    assert read(text.encode(), content_type) == NAIRA


@pytest.mark.parametrize(
    "text", ["{'a': 'b", "{a b}", "call(me)", "{'a': b'c'}", "[", "'a'", "{“a”}", "// {}"]
)
def test_what_is_far_from_json(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text.encode(), "application/json")


@pytest.mark.parametrize("piece", ["'\\\\", '"\\\\', "/*", "/* *", "“", "a ", "[", "{a:", "f("])
def test_what_is_nearly_json_is_read_once(piece: str) -> None:
    with suppress(Unreadable):
        read((piece * (LIMIT // len(piece) // 4)).encode(), "text/plain")


def test_lines_of_an_email() -> None:
    text = (
        "Name : Zoë\r\n\r\nMobile No. : 9848022338\r\n"
        "Message :\r\nWe live near\r\nthe lake\r\nCenter: TOFA\r\n"
    )
    assert read(text.encode(), "text/plain") == {
        "Name": "Zoë",
        "Mobile No.": "9848022338",
        "Message": "We live near\nthe lake",
        "Center": "TOFA",
    }
    with pytest.raises(Unreadable):
        read(b"Dear Ravi,\nPhone: 9848022338\nThanks\n", "text/plain")


def test_an_email_with_a_greeting_and_a_signature() -> None:
    text = (
        "New lead from your website\n\nName: Zoë\nPhone: 9848022338\nAddress: 12 Lake Road\n"
        "Tellapur\nCenter: TOFA\n\n-- \nSent by the form\n"
    )
    assert read(text.encode(), "text/plain") == {
        "Name": "Zoë",
        "Phone": "9848022338",
        "Address": "12 Lake Road\nTellapur",
        "Center": "TOFA",
        "text": "New lead from your website\n--\nSent by the form",
    }
    page = b"<html>\nName: Zoya\nPhone: 9848022338\nNot found <br>\n"
    with pytest.raises(Unreadable):
        read(page, "text/html")


def test_a_query_with_its_question_mark() -> None:
    assert read(b"?name=Zoya&phone=98480") == {"name": "Zoya", "phone": "98480"}
