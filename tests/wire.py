"""Requests byte by byte, for what no library would send."""

import http.client
import socket
from collections.abc import Iterable

from tests.servers import Answer

TIMEOUT = 120.0


def send(port: int, *pieces: bytes) -> Answer:
    """The answer to what is sent; the request may be cut short, since none is awaited at the end.

    Raises `ConnectionError` where the connection is dropped without an answer.
    """
    return stream(port, pieces)[0]


def stream(port: int, pieces: Iterable[bytes]) -> tuple[Answer, int]:
    """Sends piece after piece until an answer comes; the answer, and the bytes sent by then."""
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as connection:
        for piece in pieces:
            if _answered(connection):
                break
            try:
                connection.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break  # it may have answered before it hung up
            sent += len(piece)
        return _read(connection), sent


def _answered(connection: socket.socket) -> bool:
    connection.settimeout(0.0)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        connection.settimeout(TIMEOUT)


def _read(connection: socket.socket) -> Answer:
    response = http.client.HTTPResponse(connection)
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())
