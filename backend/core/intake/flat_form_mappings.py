"""Whether a team lead has mapped the questions of a form, asked in the round trip of its leads.

The ids of forms are safe in SQL: `bodies.submission` accepts only letters, digits and `_.-:`.
"""

from collections.abc import Collection, Sequence

from backend.core.database import pipeline

# The setting of the transaction that holds the ids of the mapped forms, each between commas.
_MAPPED = "current_setting('tofa.mapped')"
_ASK = """SELECT set_config('tofa.mapped', ',' || coalesce(string_agg(id, ','), '') || ',', true)
    FROM form WHERE id IN ({}) AND CAST(mapping AS text) <> '{{}}'"""


def asking(form_ids: Sequence[str]) -> pipeline.Step:
    """Return the statement that looks for mappings; its row is read by `mapped`."""
    return _ASK.format(", ".join(["%s"] * len(form_ids))), form_ids


def condition(form_id: str) -> str:
    """Return whether a form has no mapping, in SQL, after `asking`."""
    return f"strpos({_MAPPED}, ',{form_id},') = 0"


def mapped(rows: Sequence[pipeline.Row]) -> Collection[str]:
    """Return the forms that have a mapping."""
    ((told,),) = rows
    return frozenset(str(told).strip(",").split(","))
