"""How often something that anyone can cause is recorded: it must not fill the disk."""

import time
from threading import Lock

# In seconds.
MINUTE = 60.0


class Budget:
    """So many a minute, in one process."""

    def __init__(self, per_minute: int) -> None:
        self._most = per_minute
        self._lock = Lock()
        # By the monotonic clock.
        self._since = 0.0
        self._taken = 0

    def take(self) -> bool:
        """Return whether there is one left in this minute, and take it."""
        now = time.monotonic()
        with self._lock:
            if now - self._since >= MINUTE:
                self._since, self._taken = now, 0
            self._taken += 1
            return self._taken <= self._most
