"""Decide the verdict of each row, by the leads that exist and the rows before it.

The rule is `backend.core.leads.matching.decide`. What it needs of the database is looked up in
bulk, and each key once. For the rows after it, a lead that a row will create already exists.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import Session

from backend.core import phones
from backend.core.centers import Directory
from backend.core.imports import rows
from backend.core.imports.existing_leads import ExistingLeads
from backend.core.imports.rows import PLAIN, Row, Verdict
from backend.core.leads import erased_keys, match_keys, matching
from backend.core.leads.erased_keys import Texts
from backend.core.leads.match_keys import Traits
from backend.core.leads.matching import Decision
from backend.core.reasons import Reason, ReasonCode, lead_params
from backend.core.settings import Settings


class Judge:
    """Decides the rows of one import, in their order.

    What it has read of the database is taken as known until `look_again`.
    """

    def __init__(self, centers: Directory, settings: Settings) -> None:
        self._centers, self._region = centers, settings.phone_region
        self._secret = settings.erasure_secret
        self._names: dict[str | None, str] = {}
        self._existing = ExistingLeads()

    def look_again(self, made: Mapping[int, int], leads: Mapping[int, int], import_id: int) -> None:
        """Forget what was read: others may have written since.

        The leads that the import itself has written are still its rows: see `ExistingLeads`.
        """
        self._existing = ExistingLeads(made, leads, import_id)

    def give_keys(self, batch: Iterable[Row]) -> None:
        """Prepare rows to be decided; this needs no database."""
        for row in batch:
            if row.fault is None:
                self._give_keys(row)

    def decide(self, session: Session, batch: Sequence[Row]) -> None:
        """Give the next rows their verdicts; they have their keys. This writes nothing."""
        readable = [row for row in batch if row.fault is None]
        self._existing.look_up(
            session,
            [one for row in readable for one in row.households],
            [row.leadgen_id for row in readable if row.leadgen_id],
            {row.center for row in readable if row.center_id is None and row.center},
            [row for row in readable if _has_no_key(row)],
        )
        self._note_erased(session, readable)
        for row in batch:
            self._decide(row)

    def _note_erased(self, session: Session, readable: Sequence[Row]) -> None:
        if not erased_keys.is_anyone_erased(session, self._secret):
            return
        texts = [_erased_texts(row) for row in readable]
        answers = erased_keys.find(session, self._secret, texts)
        for row, is_erased in zip(readable, answers, strict=True):
            row.is_erased = is_erased

    def _give_keys(self, row: Row) -> None:
        phone = phones.read(row.phone, self._region)
        row.phone_key, row.further, row.phone_extension = phone.e164, phone.others, phone.extension
        if phone.issue is not None:
            row.phone_issue = phone.issue.value
        row.email_key = match_keys.email_key(row.email)
        name = self._names.get(row.player_name)
        if name is None:
            name = self._names[row.player_name] = match_keys.name_key(row.player_name)
        row.name_key = name
        row.center_id = self._centers.find(row.center or "")
        row.households = match_keys.households(phone, row.email, is_test=row.is_test)

    def _decide(self, row: Row) -> None:
        if row.fault is not None:
            row.verdict, row.reason = Verdict.REJECT, row.fault
            return
        if row.is_erased:
            row.verdict, row.reason = Verdict.KNOWN, Reason(ReasonCode.ERASED_PERSON)
            return
        traits = Traits.of(row.player_age_category, row.birth_date, row.leadgen_id)
        existing = self._existing.find(
            row.households, row.name_key, traits, row.leadgen_id, row.created_time
        )
        if _has_no_key(row):
            # A list that is sent again brings the same row again, and not another child.
            same = self._existing.find_row(row)
            existing = existing._replace(same=same, has_enquiry=True)
        decision = matching.decide(existing, has_phone=row.phone_key is not None)
        if row.leadgen_id is not None and self._is_known(row, row.leadgen_id, decision):
            return
        # Meta's own tests name no center.
        if row.center_id is None and not row.is_test:
            self._wait(row)
        else:
            self._place(row, decision, traits)

    def _place(self, row: Row, decision: Decision, traits: Traits) -> None:
        lead = -row.number
        if decision.verdict is matching.Verdict.JOIN and decision.lead is not None:
            lead = decision.lead
            self._join(row, lead, adds_enquiry=decision.adds_enquiry)
            self._existing.add_enquiry(lead, row.created_time)
            if row.further:
                self._existing.join(row.households, row.name_key, lead)
        else:
            if decision.verdict is matching.Verdict.SIBLING and decision.lead is not None:
                row.verdict = Verdict.SIBLING
                row.reason = Reason(_why_sibling(row, decision), lead_params(decision.lead))
            self._existing.add(row.households, row.name_key, traits, lead, row.created_time)
        if row.leadgen_id is not None:
            self._existing.add_leadgen_id(row.leadgen_id, lead)

    def _is_known(self, row: Row, leadgen_id: str, decision: Decision) -> bool:
        if decision.verdict is matching.Verdict.KNOWN and decision.lead is not None:
            row.verdict, row.of = Verdict.KNOWN, decision.lead
            known = {"leadgen_id": leadgen_id, **lead_params(decision.lead)}
            row.reason = Reason(ReasonCode.META_LEAD_EXISTS, known)
        elif self._existing.is_dismissed(leadgen_id):
            row.verdict = Verdict.KNOWN
            row.reason = Reason(ReasonCode.META_LEAD_DISMISSED, {"leadgen_id": leadgen_id})
        return row.verdict is Verdict.KNOWN

    def _wait(self, row: Row) -> None:
        named = {"center": row.center}
        is_archived = self._centers.find_archived(row.center or "") is not None
        code = ReasonCode.ARCHIVED_CENTER if is_archived else ReasonCode.UNKNOWN_CENTER
        row.verdict, row.reason = Verdict.WAITING, Reason(code, named)
        if self._existing.is_waiting(row.center, rows.body(row)):
            row.verdict = Verdict.KNOWN
            row.reason = Reason(ReasonCode.ALREADY_WAITING, named)

    def _join(self, row: Row, of: int, *, adds_enquiry: bool) -> None:
        row.verdict, row.of, row.again = Verdict.JOIN, of, adds_enquiry
        if not row.again:
            row.reason = Reason(ReasonCode.SAME_LEAD_AND_TIME, lead_params(of))
        elif row.phone_key is not None:
            row.reason = Reason(ReasonCode.SAME_PHONE_AND_NAME, lead_params(of))
        else:
            row.reason = Reason(ReasonCode.SAME_NAME_AND_EMAIL, lead_params(of))


def _erased_texts(row: Row) -> Texts:
    """Return what a row would be recognised by if it is of an erased person."""
    found = erased_keys.places(row.numbers(), row.email, row.phone, is_test=row.is_test)
    return Texts(found, row.name_key, row.leadgen_id, row.created_time)


def _has_no_key(row: Row) -> bool:
    """Return whether nothing but its text says which lead a row is."""
    return row.phone_issue is not None and not row.households and row.leadgen_id is None


def _why_sibling(row: Row, decision: Decision) -> ReasonCode:
    if decision.is_doubt:
        return ReasonCode.SAME_NAME_OTHER_AGE
    return ReasonCode.SAME_PHONE_OTHER_NAME if row.name_key else ReasonCode.SAME_PHONE_NO_NAME


def count(batch: Iterable[Row], totals: dict[str, int] | None = None) -> dict[str, int]:
    """Return how many rows have each verdict, added to what was counted before."""
    counted = totals if totals is not None else dict.fromkeys(PLAIN.values(), 0)
    for row in batch:
        counted[row.verdict] += 1
    return counted
