"""What `serve`, `work` and `demo` say: lines for people, or with LOG_FORMAT=json lines of the log.

The passwords that are shown once are for people in either case, on the standard output: logs are
kept.
"""

import logging
import os
import sys

from backend.core.logs import setting_up
from backend.core.settings import Settings

log = logging.getLogger("tofa")


def set_up(settings: Settings) -> None:
    """Write in the log's format whatever this process writes to it, if that is JSON."""
    setting_up.set_up(settings)
    if setting_up.is_json():
        setting_up.write_all()


def say(text: str) -> None:
    """Say what the command does."""
    if setting_up.is_json():
        log.info("%s", text)
    else:
        print(text, flush=True)


def fail(text: str) -> None:
    """Say why the command ends."""
    # The settings may be what is wrong.
    if os.environ.get("LOG_FORMAT") == "json":
        setting_up.write("json")
    if setting_up.is_json():
        log.error("%s", text)
    else:
        print(text, file=sys.stderr)
