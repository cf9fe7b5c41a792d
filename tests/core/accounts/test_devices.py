"""What people call the program that a request comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.accounts import devices

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{MOZILLA} (Linux; Android 10; K) {WEBKIT} Chrome/144.0.0.0 Mobile Safari/537.36",
         "Chrome on Android"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/144.0 Safari/537.36 Edg/144.0",
         "Edge on Windows"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 "
         "Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{MOZILLA} (iPad; CPU OS 18_0 like Mac OS X) CriOS/144.0 Safari/604.1", "Chrome on iPad"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
         "Firefox on Mac"),
        (f"{MOZILLA} (Linux; Android 14) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0 Safari/537.36",
         "Samsung Internet on Android"),
        ("python-requests/2.34.0", "python-requests"),
        ("curl/8.9", "curl"),
        (f"{MOZILLA} (X11; Linux x86_64)", "Linux"),
        (MOZILLA, devices.UNKNOWN),
        ("", devices.UNKNOWN),
        ("<script>alert(1)</script>", devices.UNKNOWN),
    ],
)  # fmt: skip
def test_names(user_agent: str, name: str) -> None:
    assert devices.name_of(user_agent) == name


@given(st.text(max_size=3000))
def test_any_text_has_a_short_name(text: str) -> None:
    assert 1 <= len(devices.name_of(text)) <= 40
