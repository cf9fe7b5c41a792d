"""End a process that can't start with a sentence."""

import sys
from types import TracebackType

from backend.core.errors import ConfigurationError


def tell_in_a_sentence() -> None:
    """Print a `ConfigurationError` that ends this process as its sentence, without a traceback."""
    before = sys.excepthook

    def tell(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, ConfigurationError):
            print(error, file=sys.stderr)  # noqa: T201  the process ends
        else:
            before(kind, error, traceback)

    sys.excepthook = tell
