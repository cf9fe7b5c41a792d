"""Reads workbooks (.xlsx, .xls) in a child process, which a hostile file may crash.

The child gets the file as its standard input, an unnamed temporary file; the rows come back over a
pipe, a few hundred at a time, and the child waits while nobody takes them. Closing the generator,
or dropping it, kills the child. `child` has the child's own limits.
"""

import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from threading import Timer
from typing import IO, Any, cast

from backend.core.sheets import wire
from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.interpreter import environment, import_path, interpreter
from backend.core.sheets.limits import MAX_FRAME, WAIT_SECONDS
from backend.core.sheets.table import Record

# -I: neither the environment nor the working directory decides what is imported. -S: no
# site-packages and so without .pth files; the two folders that are needed come as arguments.
START = (
    "-I",
    "-S",
    "-c",
    "import sys; sys.path += sys.argv[1:]; from backend.core.sheets.child import main; main()",
)

BROKEN = "The workbook is damaged or too large to be read; please save it again as .xlsx or .csv."
TOO_SLOW = "Reading the workbook takes too long; please save it again as .csv."


def records(content: bytes) -> Generator[Record]:
    """Yield each row that isn't blank, numbered as in the workbook, blank cells being None.

    Raises UnreadableFile, and RuntimeError if no child can be started.
    """
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        child = subprocess.Popen(
            [interpreter(), *START, *import_path()],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            bufsize=0,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    with child:
        try:
            yield from _received(_Pipe(child))
        finally:
            child.kill()


def _received(pipe: "_Pipe") -> Generator[Record]:
    while True:
        kind, length = wire.HEAD.unpack(pipe.read(wire.HEAD.size))
        if length > MAX_FRAME:
            raise UnreadableFile(BROKEN)
        encoded = pipe.read(length)
        try:
            body: Any = wire.value_of(encoded)
        except (ValueError, RecursionError):
            raise UnreadableFile(BROKEN) from None
        if kind == wire.ROWS:
            yield from body
        elif kind == wire.REFUSED:
            raise UnreadableFile(str(body))
        else:
            return


class _Pipe:
    """The child's output, with one deadline for all waiting; time between reads doesn't count."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self._descriptor = cast(IO[bytes], child.stdout).fileno()
        self._left = WAIT_SECONDS

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes. Raises UnreadableFile if the child dies or is too slow."""
        taken = bytearray()
        while len(taken) < size:
            began = time.monotonic()
            piece = self._piece(min(size - len(taken), 2**20))
            self._left -= time.monotonic() - began
            if not piece:
                raise UnreadableFile(TOO_SLOW if self._left <= 0 else BROKEN)
            taken += piece
        return bytes(taken)

    def _piece(self, size: int) -> bytes:
        """Return some bytes; none at the end, or when the time is over."""
        if sys.platform == "win32":
            return self._watched(size)
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        ready = poll.poll(max(self._left, 0) * 1000)
        return os.read(self._descriptor, size) if ready else b""

    def _watched(self, size: int) -> bytes:
        """Do the same if a pipe can't be polled: a thread kills the child, which ends the read."""
        watch = Timer(max(self._left, 0), self._child.kill)
        watch.start()
        try:
            return os.read(self._descriptor, size)
        finally:
            watch.cancel()
