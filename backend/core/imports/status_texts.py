"""What the statuses of a file stand for, and how many rows have each."""

from collections.abc import Mapping, Sequence

from backend.core.error_text import listed
from backend.core.errors import Invalid
from backend.core.imports.columns import read_object
from backend.core.vocabulary import statuses, ticks
from backend.core.vocabulary.folding import fold
from backend.models import Status
from backend.schemas.choices import REASONS
from backend.schemas.imports import StatusText

# How many different texts a plan lists, and of how many characters: a status is a few words.
MOST, LONGEST = 200, 100


class StatusTexts:
    """Looks up the statuses of a file's rows, by what a person has chosen and by the vocabulary.

    It looks up the reasons for lost leads, too: those that the academy offers.
    """

    def __init__(
        self, chosen: Mapping[str, str] | None = None, reasons: Sequence[str] = REASONS
    ) -> None:
        """`chosen` has a status, or an empty text for none, by the text in the file."""
        self.reasons = tuple(reasons)
        self._chosen = {
            fold(text): Status(status) if status else None
            for text, status in (chosen or {}).items()
        }
        # By folded text: the text as it came first, its status, and its number of rows.
        self._found: dict[str, tuple[str, Status | None, int]] = {}

    def take(self, text: str, column: str | None = None) -> Status | None:
        """Count a row's status, and return ours; None for an unknown one.

        `column` is the name of a column that is ticked where a lead has this status: its texts are
        shown with it, `Joined: Yes`.
        """
        told = text if column is None else ticked(column, text)
        key = fold(told)
        shown, status, count = self._found.get(key) or (told, self._status_of(text, key, column), 0)
        if count or (len(self._found) < MOST and len(told) <= LONGEST):
            self._found[key] = (shown, status, count + 1)
        return status

    def lost_reason(self, text: str) -> str | None:
        """Return the reason that a text stands for; None for an unknown one."""
        return statuses.lost_reason_of(text, self.reasons)

    def list_all(self) -> list[StatusText]:
        """Return the texts, each with its status and number of rows, the most frequent first."""
        found = sorted(self._found.values(), key=lambda one: -one[2])
        return [{"text": text, "status": status, "rows": count} for text, status, count in found]

    def _status_of(self, text: str, key: str, column: str | None) -> Status | None:
        if key in self._chosen:
            return self._chosen[key]
        return statuses.status_of(text) if column is None else ticks.status_of(column, text)


def ticked(column: str, text: str) -> str:
    """Return the text of a ticked column's cell as a plan shows it."""
    return f"{column}: {text}"


def read_choices(text: str | None) -> dict[str, str]:
    """Return the statuses that were sent as a JSON object of texts. Raises `Invalid`."""
    value = read_object(text)
    if value is None:
        raise _invalid("Send a JSON object with the status of each text")
    chosen = {name: "" if one is None else one for name, one in value.items()}
    if not all(isinstance(one, str) and one in ("", *Status) for one in chosen.values()):
        raise _invalid(f"Choose {listed(list(Status))}, or leave the status empty")
    return chosen


def _invalid(msg: str) -> Invalid:
    return Invalid.at("body", "statuses", msg=msg)
