"""The Django adapter: requests that match no URL of the site go to the table of routes.

It runs in front of Django's handler, whose request class changes paths, methods and content types,
and whose response adds a content type.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.handlers.wsgi import get_path_info
from django.core.wsgi import get_wsgi_application
from django.http.request import HttpHeaders
from django.urls import Resolver404, resolve

from backend.api.application import Application
from backend.api.messages import Head
from backend.core import settings as settings_module
from backend.core.settings import Settings


class Site:
    """A WSGI app: the URLs of a Django site, and behind them the whole API as `tofa`."""

    def __init__(self, tofa: Application) -> None:
        self.tofa = tofa
        self._django = get_wsgi_application()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            resolve(get_path_info(environ) or "/")
        except Resolver404:
            return self._carry(environ, start_response)
        answer: Iterable[bytes] = self._django(environ, start_response)
        return answer

    def _carry(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request to the table, and return its response."""
        exchange = self.tofa.receive(
            Head(
                method=environ["REQUEST_METHOD"],
                path=environ["PATH_INFO"].encode("latin-1"),
                query=environ.get("QUERY_STRING", "").encode("latin-1"),
                headers={name.lower(): value for name, value in HttpHeaders(environ).items()},
                peer=environ.get("REMOTE_ADDR", ""),
                version=environ["SERVER_PROTOCOL"].removeprefix("HTTP/"),
                root=environ.get("SCRIPT_NAME", ""),
            )
        )
        if exchange.asks_first:
            exchange = exchange.admit()
        response = exchange.answer(_read(environ, exchange.limit + 1) if exchange.limit else b"")
        status = f"{response.status} {HTTPStatus(response.status).phrase}"
        start_response(status, list(response.headers.items()))
        return _Body(response.chunks(), self.tofa.after_response)


class _Body:
    """The body of a response, and a callback for when it is sent."""

    def __init__(self, chunks: Generator[bytes, None, None], after: Callable[[], None]) -> None:
        self._chunks, self._after = chunks, after

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        self._chunks.close()
        self._after()


def create_app(settings: Settings | None = None) -> Site:
    """Return a WSGI app with the API behind the URLs of the site in DJANGO_SETTINGS_MODULE.

    Raises `ConfigurationError`.
    """
    return Site(Application(settings or settings_module.load()))


def _read(environ: WSGIEnvironment, most: int) -> bytes | None:
    """Read up to `most` bytes of the body, but not past its end, where some servers would wait.

    Returns None if it can't be read.
    """
    if not environ.get("wsgi.input_terminated"):
        if "HTTP_TRANSFER_ENCODING" in environ:
            return None
        most = min(most, int(environ.get("CONTENT_LENGTH") or 0))
    body = b""
    try:
        while len(body) < most and (chunk := environ["wsgi.input"].read(most - len(body))):
            body += chunk
    except Exception:  # noqa: BLE001  each server has errors of its own for it
        return None
    return body
