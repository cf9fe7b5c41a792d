"""What the body of a flat form says: a lead, several, or nothing that can be read.

It is the same for a request and for a worker that reads the stored body again.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from backend.core.centers import Directory
from backend.core.intake import center_aliases, forms, parsing
from backend.core.intake.bodies import formats, submission
from backend.core.intake.bodies.errors import TooLong, Unreadable
from backend.core.intake.bodies.submission import Submission
from backend.core.intake.parsing import Waiting
from backend.core.leads.matching import Candidate
from backend.core.reasons import Reason, ReasonCode

log = logging.getLogger("tofa")

# One lead, or why it can't be read.
Said = Submission | Waiting
# In characters, of a header that is kept.
_LONGEST_HEADER = 200
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Body:
    """A posted body with the headers that say how to read it."""

    content: bytes
    content_type: str = ""
    encoding: str = ""

    @property
    def columns(self) -> dict[str, str]:
        """The columns of `Delivery` that keep the headers, where they say anything."""
        given = {"content_type": self.content_type, "content_encoding": self.encoding}
        if self.content_type == _JSON:
            del given["content_type"]
        return {
            name: text.replace("\0", "")[:_LONGEST_HEADER] for name, text in given.items() if text
        }


def read(body: Body, limit: int) -> Any:
    """Return the value of a body, or `Waiting` where it has none.

    `limit` is in bytes, for a body that is compressed. Raises `TooLong`.
    """
    try:
        return formats.read(body.content, body.content_type, body.encoding, limit)
    except Unreadable as error:
        return unreadable(error.cause)
    except TooLong:
        raise
    except Exception:
        # A fault of this program must not cost the lead: it is kept, and retried by a person.
        log.exception("A body can't be read")
        return unreadable(ReasonCode.ERROR)


def single(value: Any) -> Said:
    """Return the lead of a value that isn't a list of them."""
    if isinstance(value, Waiting):
        return value
    try:
        return submission.single(value)
    except Unreadable as error:
        return unreadable(error.cause)
    except Exception:
        log.exception("A body can't be read")
        return unreadable(ReasonCode.ERROR)


def several(value: Any) -> list[Any] | None:
    """Return the leads of a value that has several, at least one of them with names."""
    found = submission.split(value)
    return found if found and any(isinstance(one, dict) for one in found) else None


def unreadable(cause: ReasonCode) -> Waiting:
    """Return that no lead can be found in a body."""
    reason = Reason(ReasonCode.UNREADABLE_BODY, {"cause": Reason(cause)})
    return Waiting(ReasonCode.UNREADABLE, cause=reason)


def candidate(
    session: Session, said: Said, received_at: datetime, region: str, placed: int | None = None
) -> Candidate | Waiting:
    """Read a lead with the mapping of its form. One that waits adds its questions to the form.

    `placed` is the center at which a person has placed it, `region` that of phones without a code.
    """
    if isinstance(said, Waiting):
        return said
    find_center = center_aliases.Finder(session)
    own = mapping(session, said)
    # Of a form with a mapping, a team lead knows already.
    read = parsing.from_submission(
        said, received_at, own, find_center, placed, region, by_value=bool(own)
    )
    if isinstance(read, Waiting) and said.questions:
        # A team lead who maps the form's questions at this moment would miss this delivery.
        own = forms.own_mapping(session, said.form_id, said.questions, hold=True)
        # The form is known from here on, so that a team lead sees what was told by its value.
        read = parsing.from_submission(
            said, received_at, own, find_center, placed, region, by_value=True
        )
    if isinstance(read, Waiting) and read.reason is ReasonCode.NO_CENTER:
        center = _center_in(session, said.nameless(own))
        center = center or forms.known_center(session, said.form_id)
        read = parsing.from_submission(
            said, received_at, own, find_center, center, region, by_value=True
        )
    return read


def _center_in(session: Session, texts: Sequence[str]) -> int | None:
    """Return the center that the answers to questions without names name, if they name one."""
    if not texts:
        return None
    directory = Directory.read(session)
    found = {id for text in texts if (id := directory.find(text)) is not None}
    return found.pop() if len(found) == 1 else None


def mapping(session: Session, said: Submission) -> Mapping[str, str]:
    """Return the mapping of a submission's form, by folded question, if it has any use for it."""
    return forms.known_mapping(session, said.form_id) if said.asks_more else {}


def form_of(said: Said) -> dict[str, str]:
    """Return the column of a delivery that waits, by which a mapping of its form finds it."""
    return {"form_id": said.form_id} if isinstance(said, Submission) and said.questions else {}
