"""What a channel of the outbox is, and what it says of a message that it was given.

A channel is a function that sends one message and returns a `Result`. It's registered by its name
in `backend.core.jobs`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from backend.core.db import Database
from backend.core.reasons import Reason, ReasonCode
from backend.core.settings import Settings
from backend.models import MessageState


@dataclass(frozen=True, slots=True)
class Message:
    """A message that this worker has for itself. A receiver knows it again by its `id`."""

    id: int
    channel: str
    kind: str
    attempts: int
    user_id: int | None = None
    lead_id: int | None = None
    delivery_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    receiver: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """How sending a message went, and why.

    One that is still waiting is tried again after `wait` seconds, or as `sending.delay` says. With
    `holds_all`, all messages to its receiver wait, and the try doesn't count.
    """

    state: MessageState
    reason: Reason | None = None
    wait: float | None = None
    holds_all: bool = False

    @classmethod
    def sent(cls) -> Self:
        return cls(MessageState.SENT)

    @classmethod
    def again(cls, reason: Reason) -> Self:
        """Try this message again later, up to `sending.TRIES` times."""
        return cls(MessageState.WAITING, reason)

    @classmethod
    def busy(cls, reason: Reason, wait: float) -> Self:
        """Send nothing to the receiver for so many seconds."""
        return cls(MessageState.WAITING, reason, wait, holds_all=True)

    @classmethod
    def failed(cls, code: str, **params: Any) -> Self:
        """Leave it to a person: trying again is of no use."""
        return cls(MessageState.FAILED, Reason(code, params))

    @classmethod
    def void(cls, code: str = ReasonCode.RECEIVER_GONE) -> Self:
        """Close it: there is no longer anyone to tell."""
        return cls(MessageState.DISMISSED, Reason(code))


# Sends a message, outside any transaction.
Send = Callable[[Database, Settings, Message], Result]
