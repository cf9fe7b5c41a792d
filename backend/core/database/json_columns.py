"""JSON as the text columns of the database hold it."""

from typing import Any

import orjson


def encode(data: dict[str, Any]) -> str:
    """Return the JSON of an object; times are in UTC, with `Z`."""
    return orjson.dumps(data, option=orjson.OPT_UTC_Z).decode()
