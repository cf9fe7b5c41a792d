"""What becomes of each row, by what is here already and by the rows before it.

The rules are those of `backend.core.leads.matching`, for thousands of rows at a time: what they
need to know of the database is looked up in bulk, and each key once. What a row of the file
becomes is known to the rows after it as if it stood already.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import Session

from backend.core.centers import Directory
from backend.core.imports import existing_leads, rows
from backend.core.imports.rows import PLAIN, Row, Verdict
from backend.core.leads import match_keys
from backend.core.reasons import Reason, ReasonCode, lead_params


class Judge:
    """Decides the rows of one import, in their order.

    What it has read of the database it takes for known, until it is told to `look_again`.
    """

    def __init__(self, centers: Directory, region: str) -> None:
        self._centers, self._region = centers, region
        self._names: dict[str | None, str] = {}
        self._here = existing_leads.Here()

    def look_again(self, made: Mapping[int, int], import_id: int) -> None:
        """Forgets what it has read: others may have written since.

        The leads that the import has made itself, `made` with the row of each, stay its own rows.
        """
        self._here = existing_leads.Here(made, import_id)

    def give_keys(self, batch: Iterable[Row]) -> None:
        """Prepares rows to be decided. It needs no database."""
        for row in batch:
            if row.fault is None:
                self._give_keys(row)

    def decide(self, session: Session, batch: Sequence[Row]) -> None:
        """Gives the next rows, which have their keys, their verdicts. It changes nothing."""
        standing = [row for row in batch if row.fault is None]
        self._here.look_up(
            session,
            [row.household for row in standing],
            [row.leadgen_id for row in standing if row.leadgen_id],
            {row.center for row in standing if row.center_id is None and row.center},
        )
        for row in batch:
            self._decide(row)

    def _give_keys(self, row: Row) -> None:
        phone = row.phone_key = match_keys.phone_key(row.phone, self._region)
        email = row.email_key = match_keys.email_key(row.email)
        name = self._names.get(row.player_name)
        if name is None:
            name = self._names[row.player_name] = match_keys.name_key(row.player_name)
        row.name_key = name
        row.center_id = self._centers.find(row.center or "")
        row.household = existing_leads.household(phone, email, row.phone, row.is_test)

    def _decide(self, row: Row) -> None:
        if row.fault is not None:
            row.verdict, row.reason = Verdict.REJECT, row.fault
            return
        if row.leadgen_id is not None and self._is_known(row, row.leadgen_id):
            return
        # What Meta sends as a test names a center that is none.
        if row.center_id is None and not row.is_test:
            self._wait(row)
        else:
            self._place(row)

    def _place(self, row: Row) -> None:
        lead = self._here.twin(row.household, row.name_key)
        if lead is not None:
            self._join(row, lead)
        else:
            lead = -row.number
            oldest = self._here.oldest(row.household)
            if oldest is not None and row.phone_key is not None:
                row.verdict = Verdict.SIBLING
                row.reason = Reason(ReasonCode.SAME_PHONE_OTHER_NAME, lead_params(oldest))
            self._here.add(row.household, row.name_key, lead, row.created_time)
        if row.leadgen_id is not None:
            self._here.ids[row.leadgen_id] = lead

    def _is_known(self, row: Row, leadgen_id: str) -> bool:
        of = self._here.ids.get(leadgen_id)
        if of is not None:
            row.verdict, row.of = Verdict.KNOWN, of
            known = {"leadgen_id": leadgen_id, **lead_params(of)}
            row.reason = Reason(ReasonCode.META_LEAD_EXISTS, known)
        elif leadgen_id in self._here.put_away:
            row.verdict = Verdict.KNOWN
            row.reason = Reason(ReasonCode.META_LEAD_DISMISSED, {"leadgen_id": leadgen_id})
        return row.verdict is Verdict.KNOWN

    def _wait(self, row: Row) -> None:
        named = {"center": row.center}
        row.verdict, row.reason = Verdict.WAITING, Reason(ReasonCode.UNKNOWN_CENTER, named)
        if self._here.waits(row.center, rows.body(row)):
            row.verdict = Verdict.KNOWN
            row.reason = Reason(ReasonCode.ALREADY_WAITING, named)

    def _join(self, row: Row, of: int) -> None:
        row.verdict, row.of = Verdict.JOIN, of
        row.again = self._here.came_in(of, row.created_time)
        if not row.again:
            row.reason = Reason(ReasonCode.SAME_LEAD_AND_TIME, lead_params(of))
        elif row.phone_key is not None:
            row.reason = Reason(ReasonCode.SAME_PHONE_AND_NAME, lead_params(of))
        else:
            row.reason = Reason(ReasonCode.SAME_NAME_AND_EMAIL, lead_params(of))


def count(batch: Iterable[Row], totals: dict[str, int] | None = None) -> dict[str, int]:
    """How many rows have each verdict, added to what was counted before."""
    counted = totals if totals is not None else dict.fromkeys(PLAIN.values(), 0)
    for row in batch:
        counted[row.verdict] += 1
    return counted
