"""Stops the PostgreSQL in a folder and removes the folder, once the standard input ends.

Whoever started it holds the other end of that input, and lets go of it by dying, too: a test run
that is killed leaves no server behind. Run as a script, with the folder as the only argument.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

SECONDS_TO_STOP = 60.0


def main(folder: Path) -> None:
    sys.stdin.buffer.read()
    pid_file = folder / "data" / "postmaster.pid"
    # The server removes the file as its last act, so a pid in it is the server's own.
    with contextlib.suppress(OSError, ValueError):
        # A fast shutdown, whoever is connected.
        os.kill(int(pid_file.read_text().split("\n")[0]), signal.SIGINT)
        deadline = time.monotonic() + SECONDS_TO_STOP
        while os.name == "posix" and pid_file.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
