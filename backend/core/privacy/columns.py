"""List every column that can hold personal data of leads, and what erases it.

A new column must be listed here: a test compares this with the tables, plants a text in each, and
looks for it after an erasure.
"""

from enum import StrEnum


class Erased(StrEnum):
    """How an erasure takes a lead's data out of a column."""

    # The row is the lead's own: it is removed.
    ROW = "row"
    # The row stays, since others are counted by it; its personal columns are emptied.
    EMPTIED = "emptied"
    # A part of the text, or a row among others', that mentions the lead is removed.
    PART = "part"
    # All rows of an erased lead, until they are destroyed.
    SNAPSHOT = "snapshot"
    # Counted by reports: campaigns, sources, reasons from our list. Nothing of a person.
    COUNTED = "counted"
    # Nothing of a lead: people who sign in, centers, forms, settings, codes and hashes.
    NOTHING = "nothing"


# Tables whose rows belong to one lead alone.
OWN = (
    "leadphone",
    "leadorigin",
    "consent",
    "comment",
    "leadevent",
    "aliasedlead",
    "movedlead",
    "attempt",
    "recentedit",
    "missedtarget",
)
# Those of them that stay: two ids, by which an undone merge of centers moves the counts back, and
# ids and times, which reports count.
KEPT = frozenset({"movedlead", "missedtarget"})

# By table: how each column of texts is erased. One that isn't named alone is as `*` says.
COLUMNS: dict[str, dict[str, Erased]] = {
    "lead": {
        "*": Erased.ROW,
        "status": Erased.COUNTED,
        "source": Erased.COUNTED,
        "campaign": Erased.COUNTED,
        "lost_reason": Erased.COUNTED,
    },
    **{name: {"*": Erased.ROW} for name in OWN},
    "attempt": {"*": Erased.ROW, "outcome": Erased.COUNTED},
    "missedtarget": {"kind": Erased.COUNTED},
    "leadmerge": {"*": Erased.ROW},
    "importrow": {"*": Erased.ROW},
    "delivery": {
        "body": Erased.EMPTIED,
        "leadgen_id": Erased.EMPTIED,
        "fetched": Erased.EMPTIED,
        "center_text": Erased.EMPTIED,
        "details": Erased.EMPTIED,
        "content_type": Erased.EMPTIED,
        "content_encoding": Erased.EMPTIED,
        # Codes, Meta's ids of forms, and names of workers.
        "source": Erased.NOTHING,
        "state": Erased.NOTHING,
        "form_id": Erased.NOTHING,
        "reason": Erased.NOTHING,
        "held_by": Erased.NOTHING,
    },
    "import": {
        "filename": Erased.PART,
        "columns": Erased.PART,
        "mapping": Erased.PART,
        "statuses": Erased.PART,
        "layout": Erased.PART,
        "state": Erased.NOTHING,
        "totals": Erased.NOTHING,
        "problem": Erased.NOTHING,
        "held_by": Erased.NOTHING,
        "doubts": Erased.NOTHING,
        "based_on": Erased.NOTHING,
    },
    "bulkchange": {"changes": Erased.PART},
    # An alias is what someone has typed into a form; changes of centers name aliases.
    "centeralias": {"*": Erased.PART},
    "centerchange": {"kind": Erased.NOTHING, "data": Erased.PART},
    # Which leads a list has is kept without a search.
    "savedview": {"name": Erased.PART, "query": Erased.NOTHING},
    "erasedlead": {
        "snapshot": Erased.SNAPSHOT,
        "status": Erased.COUNTED,
        "source": Erased.COUNTED,
        "campaign": Erased.COUNTED,
        "lost_reason": Erased.COUNTED,
    },
    "erasedattempt": {"outcome": Erased.COUNTED},
    "dailytotal": {"*": Erased.COUNTED},
    **{
        name: {"*": Erased.NOTHING}
        for name in (
            # People who sign in, and how they do.
            "user",
            "usersession",
            "secondfactor",
            "recoverycode",
            "passkey",
            "usedchallenge",
            "passwordlink",
            # Centers, forms and pages, and their names.
            "center",
            # What team leads write for everyone, with placeholders for the lead.
            "messagetext",
            # What leads can be lost for, age categories and sources: words for all leads.
            "choice",
            # And when the centers are open.
            "callingrules",
            "holiday",
            # When people work, and who gets which leads.
            "presence",
            "leave",
            "assignmentrule",
            # What a change of a list sets, until it's done.
            "listchange",
            "form",
            "page",
            # What people are told of leads, without names, and what they have chosen of that.
            "outboxmessage",
            "alert",
            "pushsubscription",
            "alertpreference",
            # Ids, codes and numbers, of this program's own.
            "auditevent",
            "auditanchor",
            "bigjob",
            "changedday",
            "erasedkey",
            "heartbeat",
            "idempotencykey",
            "schemastate",
            "installationmark",
            "pause",
            "ratecount",
            "retentionmark",
        )
    },
}


def erased(table: str, column: str) -> Erased | None:
    """Return how a column of texts is erased; None for one that isn't named."""
    columns = COLUMNS.get(table, {})
    return columns.get(column, columns.get("*"))
