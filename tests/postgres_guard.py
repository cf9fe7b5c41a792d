"""Stop the PostgreSQL server in a folder and remove the folder, once standard input ends.

The test run holds the other end of that pipe, which also closes if it is killed, so no server is
left behind. Run as a script, with the folder as the only argument.
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
    # The server removes this file last, so a pid in it belongs to the server.
    with contextlib.suppress(OSError, ValueError):
        # A fast shutdown, even with open connections.
        os.kill(int(pid_file.read_text().split("\n")[0]), signal.SIGINT)
        deadline = time.monotonic() + SECONDS_TO_STOP
        while os.name == "posix" and pid_file.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
