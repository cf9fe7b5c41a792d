"""Why a body can't be read."""

from backend.core.errors import TooLarge
from backend.core.reasons import ReasonCode


class Unreadable(Exception):
    """No lead can be found in a body; `cause` says why."""

    def __init__(self, cause: ReasonCode) -> None:
        super().__init__(cause)
        self.cause = cause


class TooLong(TooLarge):
    """A body has more bytes than the limit once it is unpacked."""
