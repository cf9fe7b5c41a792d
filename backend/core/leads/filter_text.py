"""The filter of a list as a text: the query that the list's address has.

A name that isn't known is refused. In an address it's ignored, but a change of a whole list would
be of all leads then, and a saved view would show others than it was saved with.
"""

from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import ValidationError

from backend.core.errors import Invalid
from backend.schemas.leads import LeadFilter

Filter = TypeVar("Filter", bound=LeadFilter)

# More than any list has.
_MOST = 300


def read(text: str, place: str, model: type[Filter]) -> Filter:
    """Return a filter. `place` is the field that has the text. Raises `Invalid`."""
    given: dict[str, Any] = {}
    try:
        pairs = parse_qsl(text, errors="strict", max_num_fields=_MOST)
    except ValueError:
        raise Invalid.at("body", place, msg="Use the query of a list of leads") from None
    for name, value in pairs:
        if name not in model.model_fields:
            raise Invalid.at("body", place, msg="Use the filters of the list of leads")
        if name in model.repeated:
            given.setdefault(name, []).append(value)
        else:
            given[name] = value
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Invalid.of(error, "body") from None
