"""The headers that depend on the settings and the request."""

import pytest

from backend.api import headers
from tests.world import settings_for


@pytest.mark.parametrize(
    ("proxies", "said", "is_sent"),
    [
        (1, "https", True),
        (2, "http, HTTPS", True),
        (1, "https, http", False),
        (1, "http", False),
        (1, "", False),
        (0, "https", False),
    ],
)
def test_browsers_are_told_to_use_tls(proxies: int, said: str, is_sent: bool) -> None:
    """Only behind a proxy that is trusted, and only if it was asked by TLS."""
    settings = settings_for("sqlite:///tofa.db", trusted_proxies=proxies)
    given = headers.transport(settings, {"x-forwarded-proto": said} if said else {})
    assert given == ({"strict-transport-security": "max-age=31536000"} if is_sent else {})
