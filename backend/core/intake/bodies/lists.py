"""Leads in a list that is within an object: each becomes a lead of its own."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from backend.core.intake.bodies import children, likely_names, questions, tables

# What else than a wrapper's name a list of leads may have. Not `contacts`: a lead may have two.
_LISTS = frozenset(
    {"events", "records", "rows", "items", "results", "entries", "enquiries", "inquiries",
     "responses", "list"}
)  # fmt: skip
_LEAD = "lead"
# The fields that a lead has itself, where its list is of something else.
_OWN = frozenset({"phone", "email", "player_name"})
_WHOLE = ("phone", "player_name")
_DEEPEST = 12


def leads_in(value: Mapping[str, Any], level: int = 0) -> list[Any] | None:
    """Return the leads of a list in an object, each with what is beside the list; None if none is.

    A list that is alone is one of leads. Beside something else, each of its members must have a
    phone, an email or a center, and beside a center a phone and a name; nothing beside it has one.
    """
    for name, one in value.items():
        rest = {other: text for other, text in value.items() if other != name}
        beside = {likely_names.field_of(other) for other in rest}
        if _LEAD in rest or beside & _OWN:
            continue
        needed = _WHOLE if "center" in beside else ()
        inner = _opened(name, children.numbered(one))
        if isinstance(inner, dict) and level < _DEEPEST:
            found = leads_in(inner, level + 1)
        elif isinstance(inner, list) and len(inner) > 1 and (not rest or _are_leads(inner, needed)):
            found = inner
        else:
            found = None
        if found is not None:
            return [{_LEAD: lead, **rest} for lead in found] if rest else found
    return None


def _opened(name: str, value: Any) -> Any:
    """Return what a wrapper holds, or a list of leads of another name."""
    if questions.folded(name) not in _LISTS or not isinstance(value, list):
        return questions.opened(name, value)
    if (rows := tables.rows_of(value)) is not None:
        return rows
    return value if len(value) > 1 and _are_leads(value) else questions.opened(name, value)


def _are_leads(items: Sequence[Any], needed: Collection[str] = ()) -> bool:
    """Return whether each of some items has what makes a lead, and the fields that are needed."""
    return all(isinstance(one, dict) and _is_lead(one, needed) for one in items)


def _is_lead(value: Mapping[str, Any], needed: Collection[str]) -> bool:
    found = {likely_names.field_of(one.path[-1]) for one in questions.find(value) if one.is_word}
    if "first_name" in found:
        found.add("player_name")
    return not questions.REACHED_BY.isdisjoint(found) and found.issuperset(needed)
