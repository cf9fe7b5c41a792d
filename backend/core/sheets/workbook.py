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
from collections.abc import Generator, Iterator
from dataclasses import replace
from threading import Timer
from typing import IO, Any, cast

from backend.core.sheets import choice, wire
from backend.core.sheets.choice import Frame, Shown
from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.interpreter import environment, import_path, interpreter
from backend.core.sheets.kinds import Kind
from backend.core.sheets.limits import MAX_FRAME, WAIT_SECONDS
from backend.core.sheets.table import Record, Table, Wanted
from backend.core.sheets.tabulate import tabulate
from backend.core.sheets.wire import Request

# -I: neither the environment nor the working directory decides what is imported. -S: no
# site-packages and so without .pth files; the two folders that are needed come as arguments.
START = (
    "-I",
    "-S",
    "-c",
    "import sys; sys.path += sys.argv[2:];"
    " from backend.core.sheets.child import main; main(sys.argv[1])",
)

# On Windows a pipe can't be polled.
CAN_POLL = sys.platform != "win32"

# Each of their rows says the names of its columns: the first one has them all.
_NAMED = frozenset({Kind.CONTACTS, Kind.OBJECTS})

BROKEN = "The workbook is damaged or too large to be read; please save it again as .xlsx or .csv."
TOO_SLOW = "Reading the workbook takes too long; please save it again as .csv."


def read(content: bytes, wanted: Wanted, kind: Kind = Kind.WORKBOOK) -> Table:
    """Read the wanted table of a workbook, or of another file with tables.

    Raises UnreadableFile, and RuntimeError if no child can be started.
    """
    is_searched = wanted.score is not None
    request = Request(wanted.sheets, is_searched and wanted.others, kind)
    if kind in _NAMED and wanted.header_row is None:
        wanted = replace(wanted, header_row=1)
    frames = _frames(content, request)
    try:
        shown = _shown(frames)
        names = wanted.sheets
        if not names and is_searched:
            names = (choice.best(shown, wanted).name,)
            if names[0] != choice.first(shown).name:
                frames.close()
                frames = _frames(content, replace(request, sheets=names, others=False))
                next(frames)
        if names:
            return choice.table(shown, names, wanted, frames)
        return tabulate(_records(frames), wanted)
    except BaseException:
        frames.close()
        raise


def _shown(frames: Iterator[Frame]) -> list[Shown]:
    """Return the sheets, of which the first frame tells."""
    kind, body = next(frames, (wire.DONE, []))
    try:
        shown = [Shown(*sheet) for sheet in body]
    except (TypeError, ValueError):
        raise UnreadableFile(BROKEN) from None
    if kind != wire.SHEETS or not shown:
        raise UnreadableFile(BROKEN)
    return shown


def _records(frames: Generator[Frame]) -> Generator[Record]:
    """Yield the records of all frames, and close them at the end."""
    try:
        for kind, body in frames:
            if kind == wire.ROWS:
                yield from body
    finally:
        frames.close()


def _frames(content: bytes, request: Request) -> Generator[Frame]:
    """Start a child, and yield its frames up to the last one."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        child = subprocess.Popen(
            [interpreter(), *START, request.encode(), *import_path()],
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


def _received(pipe: "_Pipe") -> Generator[Frame]:
    while True:
        kind, length = wire.HEAD.unpack(pipe.read(wire.HEAD.size))
        if length > MAX_FRAME:
            raise UnreadableFile(BROKEN)
        encoded = pipe.read(length)
        try:
            body: Any = wire.value_of(encoded)
        except (ValueError, RecursionError):
            raise UnreadableFile(BROKEN) from None
        if kind == wire.REFUSED:
            raise UnreadableFile(str(body))
        if kind == wire.DONE:
            return
        yield kind, body


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
        if sys.platform == "win32" or not CAN_POLL:
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
