"""A worker like `python -m backend work`: `python -m benchmarks.worker [CLAIM]`.

`CLAIM` is how long its claims last, in seconds. Deliveries of a killed worker wait that long.
"""

import sys
from datetime import timedelta

from backend import cli
from backend.core.intake import processing


def main(arguments: list[str]) -> int:
    if arguments:
        processing.CLAIM = timedelta(seconds=float(arguments[0]))
    return cli.main(["work"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
