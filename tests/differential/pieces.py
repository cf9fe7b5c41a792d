"""Pieces of HTTP that no document describes, to be put together into requests."""

from hypothesis import strategies as st

from backend.api.routes import OPERATIONS
from tests.servers import Upload, multipart

_PATHS = sorted({operation.path.replace("{id}", "1") for operation in OPERATIONS})
_CSV = (
    "created_time,player_name,phone,email,_which_is_the_nearest_tofa_center_to_you?\n"
    "2026-11-02,Zoë,+919848000099,,TOFA Tellapur\n05/11/2026,,,,TOFA Gachibowli\n"
)
_JSON = (
    '{"full_name": "Zoë", "phone_number": "+919848022338", "nearest_center": "TOFA Tellapur"}',
    '{"display_name": "Miyapur", "meta_tag_name": "TOFA Miyapur", "city": "Hyderabad"}',
    '{"email": "a@b.example", "password": "long enough words", "full_name": "A", '
    '"role": "observer", "center_ids": [1, 1, 99]}',
    '{"username": "lead@tofa.example", "password": "seven hills academy"}',
    '{"role": "team_member", "center_ids": [2], "disabled": false}',
    '{"a": NaN}', '{"id": 1e400, "phone_number": 1e308}', '{"full_name": "\\ud800"}',
    '{"phone_number": "1", "phone_number": "2"}', "[" * 600, "null", '"text"', "",
)  # fmt: skip

METHODS = st.one_of(
    st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
    st.sampled_from(["BREW", "get", "PROPFIND"]),
)
# All in ASCII: a request line that is not, uvicorn refuses before any app sees it.
_ODD = ["%ff", "%00", "%zz", "%2e%2e", "%0d%0a", "//", "%c3%a9", "%", "+"]
_SEGMENT = st.one_of(st.sampled_from(_ODD), st.from_regex(r"[a-z0-9%_{}-]{1,8}", fullmatch=True))

TARGETS = st.builds(
    lambda path, tail, slash, query: f"{path.rstrip('/')}{tail}{slash}{query}" or "/",
    st.sampled_from(_PATHS),
    st.one_of(st.just(""), st.just(""), st.builds("/{}".format, _SEGMENT)),
    st.sampled_from(["", "/"]),
    st.one_of(
        st.just(""),
        st.sampled_from(
            [
                "?status=Called",
                "?status=Called&next_date=2026-12-05&comment=caf%C3%A9",
                "?status=Called&status=Joined",
                "?status=%ff",
                "?status=New&comment=%00",
                "?&&=&status=New&=x",
                "?status=New&next_date=" + "9" * 400,
            ]
        ),
        st.from_regex(r"\?[a-z%0-9=&+]{0,30}", fullmatch=True),
    ),
)

_TYPES = st.sampled_from(
    [
        None,
        "application/json",
        "application/json; charset=utf-16",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=frontier",
        "multipart/form-data",
        "text/plain",
        "application/vnd.api+json",
        "//",
    ]
)
_ORIGINS = st.sampled_from([None, None, "http://localhost:3000", "https://evil.example"])


@st.composite
def headers(draw: st.DrawFn) -> dict[str, str]:
    """Headers that change the answer."""
    found = {
        "Content-Type": draw(_TYPES),
        "Origin": draw(_ORIGINS),
        "Access-Control-Request-Method": draw(st.sampled_from([None, None, "PUT"])),
        "Access-Control-Request-Headers": draw(st.sampled_from([None, "x-a, authorization", "é"])),
        "Accept-Encoding": draw(st.sampled_from([None, "gzip", "br;q=1, *;q=0"])),
        "X-Request-ID": draw(st.sampled_from([None, "abc-1", "not ok", "x" * 99])),
        "Host": draw(st.sampled_from(["localhost", "evil.example"])),
    }
    return {name: value for name, value in found.items() if value is not None}


def _damaged(body: bytes) -> st.SearchStrategy[bytes]:
    """A body with a few of its bytes cut out or put in."""
    return st.builds(
        lambda at, gone, added: body[:at] + added + body[at + gone :],
        st.integers(0, max(0, len(body) - 1)),
        st.integers(0, 8),
        st.binary(max_size=4),
    )


_WHOLE = [
    *(text.encode("utf-8", "surrogatepass") for text in _JSON),
    b"username=lead%40tofa.example&password=seven+hills+academy",
    b"username=a&username=b&password=%ff",
    *(
        multipart(Upload(name, content))
        for name, content in (
            ("a.csv", _CSV.encode()),
            ("a.csv", _CSV.encode("utf-16")),
            ("a.csv", _CSV.encode("latin-1")),
            ("a.xlsx", b"no zip"),
            ("a.xlsx", b"PK\3\4 and then nothing of it"),
            ("a.xls", bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600),
            ("a.pdf", b"%PDF"),
            ('quo"te.csv', b""),
        )
    ),
    b"--frontier\r\n\r\n--frontier--",
    b"x" * ((1 << 20) + 4096),
]
BODIES = st.one_of(
    st.none(),
    st.sampled_from(_WHOLE),
    st.sampled_from(_WHOLE[:-1]).flatmap(_damaged),
    st.binary(max_size=40),
)
