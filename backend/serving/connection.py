"""A connection of uvicorn that a slow or idle client can't hold.

uvicorn limits the size of a head that comes in pieces, and the time between two requests. The rest
is here: a timer runs as long as the client owes something, which is a head, a body, or the reading
of a response. While it waits for the server, a client owes nothing.
"""

import asyncio
import random
import re
from typing import TYPE_CHECKING, Any, cast

import h11
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from backend.api import encode
from backend.core.errors import Problem, UnreadableBody
from backend.serving.limits import HeadTooLarge, Limits, NotHTTP, TooManyConnections, TooSlow

if TYPE_CHECKING:
    from uvicorn.server import ServerState

# In seconds: how long a client that is refused can go on sending. Closing at once would take the
# answer away from it.
LINGER = 2.0
# Of many connections, how many to compare for the one to drop.
SAMPLE = 20
_LENGTHS = {b"content-length", b"transfer-encoding"}
# The scheme and the host that a target in absolute form has before its path.
_ORIGIN = re.compile(rb"https?://[^/?#]*", re.IGNORECASE)


class LimitedConfig(Config):
    """A configuration of uvicorn with the limits of its connections."""

    def __init__(self, app: Any, limits: Limits, **given: Any) -> None:
        super().__init__(
            app,
            http=LimitedConnection,
            ws="none",
            h11_max_incomplete_event_size=limits.head_bytes,
            **given,
        )
        self.limits = limits


class _Connection(h11.Connection):
    """The state of a connection, whose requests are as RFC 9112 has them."""

    def next_event(self) -> Any:
        """Return what the client sent next, with the path of a target in absolute form (3.2.2).

        If a body has its length in two ways (6.1), a proxy may have seen another end of it. What
        follows could be a request that nobody checked, so it isn't read.
        """
        event = super().next_event()
        if not isinstance(event, h11.Request):
            return event
        has_two_lengths = {name for name, _ in event.headers} >= _LENGTHS
        origin = _ORIGIN.match(event.target)
        if not has_two_lengths and origin is None:
            return event
        headers, target = [*event.headers], event.target
        if has_two_lengths:
            headers.append((b"connection", b"close"))
        if origin:
            path = target[origin.end() :]
            target = path if path.startswith(b"/") else b"/" + path
        return h11.Request(
            method=event.method, headers=headers, target=target, http_version=event.http_version
        )


class LimitedConnection(H11Protocol):
    """A connection with its limits."""

    def __init__(self, config: LimitedConfig, server_state: "ServerState", **given: Any) -> None:
        super().__init__(config, server_state, **given)
        self.conn = _Connection(h11.SERVER, config.limits.head_bytes)
        self.limits = config.limits
        # What the client owes, since when, and how much of it came.
        self._owed: object = None
        self._began = 0.0
        self._sent = 0
        self._is_refused = False
        self._timer: asyncio.TimerHandle | None = None
        self._reading_timer: asyncio.TimerHandle | None = None

    @property
    def ends(self) -> float | None:
        """When the time of the client is over, or None if it owes nothing."""
        if self._is_refused or self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            return None
        if self.timeout_keep_alive_task is not None:
            return self.timeout_keep_alive_task.when()
        sent = self._sent if self.conn.their_state is h11.SEND_BODY else 0
        return self.limits.ends(self._began, sent)

    @property
    def _waits_for_us(self) -> bool:
        """Whether the server has paused the body, or not asked for it yet."""
        request = self._open_request
        return self.flow.read_paused or (request is not None and request.waiting_for_100_continue)

    @property
    def _open_request(self) -> RequestResponseCycle | None:
        """Return the request that isn't answered yet, if there is one."""
        request = cast("RequestResponseCycle | None", self.cycle)
        return None if request is None or request.response_complete else request

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection. If there are too many, drop the one that has the least time left."""
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def _make_room(self) -> None:
        others = cast(list[LimitedConnection], list(self.connections - {self}))
        if len(others) > 2 * SAMPLE:
            # To look at all of them for each new connection would take a flood's side.
            others = random.sample(others, SAMPLE)
        left = [(ends, id(other), other) for other in others if (ends := other.ends) is not None]
        if left:
            last = min(left)[2]
            self.connections.discard(last)
            last.transport.abort()
        else:
            self._refuse(TooManyConnections())

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        for timer in (self._timer, self._reading_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what the client sent, unless it is a head that is too large."""
        if self._is_refused:
            return
        if self.conn.their_state is h11.IDLE and self.limits.refuse(
            self.conn.trailing_data[0] + data
        ):
            self._refuse(HeadTooLarge())
            return
        super().data_received(data)
        self._sent += len(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Go on to the next request, which may have come already."""
        if self.limits.refuse(self.conn.trailing_data[0]):
            self.transport.close()
        super().on_response_complete()
        self._expect_reading()
        self._watch()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's own text
        """Answer what is no HTTP."""
        self._refuse(UnreadableBody() if self._open_request else NotHTTP())

    def _watch(self) -> None:
        """See whether the client owes something new, and watch it if it does."""
        if self.conn.their_state is not self._owed:
            self._owed, self._began, self._sent = self.conn.their_state, self.loop.time(), 0
        if self._timer is not None or self.timeout_keep_alive_task is not None:
            return
        if (ends := self.ends) is not None:
            self._timer = self.loop.call_at(ends, self._look)

    def _look(self) -> None:
        """Refuse the client if its time is over, or look again later."""
        self._timer = None
        if self._waits_for_us:
            self._began = self.loop.time()
        ends = self.ends
        if ends is None or self.timeout_keep_alive_task is not None:
            return
        if ends > self.loop.time():
            self._timer = self.loop.call_at(ends, self._look)
        else:
            self._refuse(TooSlow())

    def _refuse(self, problem: Problem) -> None:
        """Answer with a problem, unless something else was, and close the connection soon."""
        self._is_refused = True
        self._unset_keepalive_if_required()
        if request := self._open_request:
            request.disconnected = True
            request.message_event.set()
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()
            return
        answer = encode.problem(problem)
        length = {"content-length": str(len(answer.body)), "connection": "close"}
        headers = list({**answer.headers, **length}.items())
        head = h11.Response(status_code=answer.status, headers=headers)
        for event in (head, h11.Data(data=answer.body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.flow.resume_reading()
        self.transport.write_eof()
        self._timer = self.loop.call_later(LINGER, self.transport.abort)

    def pause_writing(self) -> None:
        """Give the client a time to read what waits for it."""
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        """Note that the client has read."""
        super().resume_writing()
        if self._reading_timer is not None:
            self._reading_timer.cancel()
            self._reading_timer = None

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that isn't used."""
        super().timeout_keep_alive_handler()
        self._expect_reading()

    def _expect_reading(self) -> None:
        unread = self.transport.get_write_buffer_size()
        if unread and self._reading_timer is None:
            ends = self.limits.ends(self.loop.time(), unread)
            self._reading_timer = self.loop.call_at(ends, self._look_at_reading)

    def _look_at_reading(self) -> None:
        self._reading_timer = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()
