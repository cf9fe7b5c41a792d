"""The leads in a posted value, each as its answers in the order in which they fill fields."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from backend.core.intake.bodies import (
    answer_fields,
    children,
    field_ids,
    lists,
    questions,
    tables,
)
from backend.core.intake.bodies.errors import Unreadable
from backend.core.intake.bodies.questions import Answer
from backend.core.intake.field_mapping import Mapped, fold
from backend.core.reasons import ReasonCode
from backend.core.vocabulary.phone_codes import NOWHERE

Pairs = Sequence[tuple[str, str]]

# The form of those who don't say which one it is. Meta's forms have numbers.
FORM = "webhook"
_FORM_ID = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_FORM_NAMES = ("formid", "formresponseformid", "formname")
# A secret of the sender's, which Google adds to each lead.
_SECRETS = frozenset({"google_key"})
_GOOGLES = "user_column_data"
# More than any form has.
_MOST_ANSWERS = 2000


@dataclass(frozen=True, slots=True)
class Submission:
    """One lead of a body. `plain` are its answers where they need no thought."""

    plain: Pairs = ()
    answers: Sequence[Answer] = ()
    form_id: str = FORM
    is_test: bool = False

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """Return the lead that an object says. Raises `Unreadable` for too many answers."""
        if value.keys() <= answer_fields.OWN.keys() and all(
            type(one) is str for one in value.values()
        ):
            return cls(plain=list(value.items()))
        found = [one for one in questions.find(value) if one.path[-1] not in _SECRETS]
        if len(found) > _MOST_ANSWERS:
            raise Unreadable(ReasonCode.TOO_MANY_FIELDS)
        is_test = _GOOGLES in value and value.get("is_test") is True
        return cls(answers=found, form_id=_form_of(found), is_test=is_test)

    @property
    def asks_more(self) -> bool:
        """Whether it has questions that are not the flat form's own, so that a mapping counts."""
        return any(one.path[-1] not in answer_fields.OWN for one in self.answers)

    @property
    def questions(self) -> list[str]:
        """The names of its questions, but for the flat form's own."""
        names = dict.fromkeys(one.question for one in self.answers)
        return [name for name in names if name not in answer_fields.OWN]

    def nameless(self, own: Mapping[str, str]) -> list[str]:
        """Return the answers whose questions are only ids of fields, and in no mapping."""
        return [
            one.text.strip()
            for one in self.answers
            if field_ids.is_id(one.question) and fold(one.question) not in own
        ]

    def map(
        self, own: Mapping[str, str], region: str = NOWHERE, *, by_value: bool = False
    ) -> Mapped:
        """Sort the answers into fields; `own` is the form's mapping, by folded question.

        `region` and `by_value` are as `answer_fields.sort` takes them.
        """
        if not self.answers:
            return answer_fields.sort_plain(self.plain)
        mapped = answer_fields.sort(self.answers, own, region, by_value=by_value)
        return Mapped(mapped.fields, mapped.answers, mapped.is_test or self.is_test)


def split(value: Any) -> list[Any] | None:
    """Return the leads of a value that is a list, or holds one; None for the value of one lead."""
    if isinstance(value, dict):
        return lists.leads_in(value) or children.leads_in(value)
    if not isinstance(value, list):
        return None
    if (one := tables.lead_of(value)) is not None:
        return [one]
    if (rows := tables.rows_of(value)) is not None:
        return rows
    found: list[Any] = []
    for one in value:
        found += one if isinstance(one, list) else [one]
    return found


def single(value: Any) -> Submission:
    """Return the lead of a value that isn't a list. Raises `Unreadable` where it has no names."""
    if not isinstance(value, dict):
        raise Unreadable(ReasonCode.NO_FIELDS)
    if (row := tables.with_header(value)) is not None:
        value = row
    return Submission.of(field_ids.with_labels(value))


def _form_of(answers: Sequence[Answer]) -> str:
    """Return the id of the form, if the answers name it."""
    by_name = {questions.folded(one.question): one.text for one in answers}
    for name in _FORM_NAMES:
        text = by_name.get(name, "").strip()
        if _FORM_ID.fullmatch(text):
            return f"{FORM}:{text}"
    return FORM
