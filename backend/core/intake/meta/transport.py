"""The connections of an httpx client, made so that `deadline.within` counts for them.

httpx takes a custom transport; this one is an httpcore pool with a custom network backend.
Source: httpx's documents 'Transports', httpcore's 'Network Backends'.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from backend.core.intake.meta import deadline

# The connections of one process to the host, and for how many seconds one is kept unused.
_MOST_CONNECTIONS = 16
_KEPT = 5.0


class Transport(httpx.BaseTransport):
    """Connections to one host, by way of the proxy that the environment names for it."""

    def __init__(self, base: httpx.URL) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            proxy=_proxy(base),
            max_connections=_MOST_CONNECTIONS,
            keepalive_expiry=_KEPT,
            network_backend=deadline.Backend(httpcore.SyncBackend()),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raises the errors of httpx."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        sent = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _errors_of_httpx():
            answer = self._pool.handle_request(sent)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _errors_of_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _errors_of_httpx() -> Iterator[None]:
    """Raise what httpcore raises as the error of httpx that has the same name."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        kind = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise kind(str(error)) from error


def _proxy(base: httpx.URL) -> httpcore.Proxy | None:
    """Return the proxy that the environment names for a host: `HTTPS_PROXY`, `NO_PROXY`, …"""
    proxies = getproxies()
    found = proxies.get(base.scheme) or proxies.get("all")
    if not found or proxy_bypass(base.host):
        return None
    url = httpx.URL(found if "://" in found else f"http://{found}")
    auth = (unquote(url.username), unquote(url.password)) if url.userinfo else None
    return httpcore.Proxy(str(url.copy_with(userinfo=b"")), auth=auth)
