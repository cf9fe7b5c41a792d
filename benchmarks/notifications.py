"""Meta's side: signed notifications, repeated and in any order."""

import hmac
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from tests.graph_host import FIRST_CREATED, FIRST_LEAD, FORM

SECRET = "app_secret_of_the_benchmarks"
PATH = "/leads/meta-webhook/"
# The most changes that Meta puts into one POST.
MOST = 1000
# In seconds: how long a sender waits for a response, and before it tries again.
PATIENCE = 60.0
PAUSE = 0.2


def body(numbers: Sequence[int]) -> bytes:
    """Return a notification of leads made by `graph_host.make_lead`."""
    changes = [
        {
            "field": "leadgen",
            "value": {
                "leadgen_id": FIRST_LEAD + number,
                "page_id": 123123123,
                "form_id": int(FORM),
                "adgroup_id": 12312312312,
                "ad_id": 12312312312,
                "created_time": FIRST_CREATED + number,
            },
        }
        for number in numbers
    ]
    entry = {"id": 153125381133, "time": FIRST_CREATED, "changes": changes}
    return json.dumps({"object": "page", "entry": [entry]}).encode()


def request(content: bytes) -> bytes:
    """Return a signed POST for a persistent connection."""
    signature = hmac.new(SECRET.encode(), content, sha256).hexdigest()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def batches(leads: int, chance: random.Random) -> Iterator[list[int]]:
    """Return each lead one to five times, shuffled, in batches of 1 to 1,000, most of them small.

    The first batch has the largest size.
    """
    sent = [number for number in range(leads) for _ in range(chance.randint(1, 5))]
    chance.shuffle(sent)
    size = min(MOST, len(sent))
    while sent:
        yield [sent.pop() for _ in range(min(size, len(sent)))]
        size = chance.randint(1, 5) if chance.random() < 0.9 else int(MOST ** chance.random())


@dataclass(slots=True)
class Meta:
    """Sends POSTs over several connections, and repeats each until it is acknowledged.

    `port` is called before each attempt, since a restarted server may use another port.
    """

    port: Callable[[], int]
    senders: int = 4
    # The time of each acknowledgement, in seconds.
    seconds: list[float] = field(default_factory=list)
    acknowledged: set[int] = field(default_factory=set)
    failed: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def send(self, posts: Sequence[Sequence[int]]) -> None:
        """Send until all are acknowledged, or until it is stopped."""
        left = list(reversed(posts))
        threads = [threading.Thread(target=self._send, args=(left,)) for _ in range(self.senders)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        self._stop.set()

    def _send(self, left: list[Sequence[int]]) -> None:
        line = Line(self.port)
        while not self._stop.is_set():
            try:
                numbers = left.pop()
            except IndexError:
                break
            content = request(body(numbers))
            while not self._stop.is_set():
                started = time.perf_counter()
                if line.ask(content) == 200:
                    self.seconds.append(time.perf_counter() - started)
                    self.acknowledged.update(numbers)
                    break
                self.failed += 1
                time.sleep(PAUSE)
        line.close()


class Line:
    """A persistent connection, which is reopened if the server is gone."""

    def __init__(self, port: Callable[[], int]) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, content: bytes) -> int:
        """Return the status of the response; 0 for no response."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._port()), PATIENCE)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(content)
            return self._answer(self._socket)
        except (OSError, ValueError, IndexError):
            self.close()
            return 0

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _answer(self, connection: socket.socket) -> int:
        """Read one response. Responses are small and have a length."""
        read = b""
        while b"\r\n\r\n" not in read:
            read += self._more(connection)
        head, _, rest = read.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        while len(rest) < length:
            rest += self._more(connection)
        if b"connection: close" in lines:
            self.close()
        return int(head.split(b" ", 2)[1])

    @staticmethod
    def _more(connection: socket.socket) -> bytes:
        if not (found := connection.recv(65536)):
            raise ConnectionError
        return found
