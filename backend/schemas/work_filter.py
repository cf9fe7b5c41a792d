"""The part of a filter of leads that is about the work on them."""

from typing import Literal

from pydantic import Field

from backend.schemas.fields import Line, Schema


class WorkFilter(Schema):
    """Who has to do it, what is left to do, and what someone has done."""

    owner: Line | None = Field(None, description="`me`, ids of people or `none`, with commas.")
    work: Literal["open", "no_next_step"] | None = Field(
        None,
        description="`open`: neither joined nor lost. `no_next_step`: open leads that were called "
        "and that nothing brings up again: no date, no trial.",
    )
    missed: Literal["first_call", "follow_up"] | None = Field(
        None, description="Leads that were handed over and wait for a call, or late follow-ups."
    )
    did: (
        Literal[
            "attempt",
            "conversation",
            "called",
            "trial",
            "attended",
            "joined",
            "lost",
            "missed_target",
            "missed_first_call",
            "missed_follow_up",
        ]
        | None
    ) = Field(
        None,
        description="What `did_by` did: tried to reach the lead, spoke to the parent, or made the "
        "change with which it first reached a stage. `called` is its first call. Or which target "
        "was missed while `did_by` owned the lead.",
    )
    did_by: Line | None = Field(
        None,
        description="`me`, or the id of the person who `did` it. Attempts, conversations and "
        "missed targets from `did_from` on can be anyone's.",
    )
    did_from: Line | None = Field(None, description="A day, or a date and time.")
    did_to: Line | None = Field(None, description="A day, which is included, or a date and time.")
