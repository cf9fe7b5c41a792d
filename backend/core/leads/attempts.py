"""Record attempts to reach a lead, beside its status: who made them, when, and how they went.

`attempt_counts` says which outcomes are an answer. What an outcome does to the lead, unless the
request says otherwise:

- any call: a `New` lead is `Called`, since nobody has to call it first any more
- an answer: an old next date is settled; one who asked to be called back is, after the first wait
- no answer: the next try is by the retry plan; at its end the lead is unreachable
- a wrong number: the number is marked; without another one the lead is unreachable at once
- a message: the next try is by the retry plan, where there is no date yet
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.calling.rules import Rules, Standard
from backend.core.database import rows, upsert
from backend.core.database.rows import written
from backend.core.errors import AttemptNotFound, Conflict, Invalid, Outdated
from backend.core.leads import (
    attempt_counts,
    changes,
    detail,
    editing,
    lead_claims,
    lead_phones,
    lead_state,
    merged,
    message_texts,
    repeated_calls,
    restoring,
)
from backend.core.leads.attempt_counts import ANSWERED, MESSAGES, UNANSWERED
from backend.core.leads.history import event
from backend.models import Attempt, EventKind, Lead, MessageText, Outcome, Role, Status, User
from backend.schemas.attempts import Attempts, NewAttempt, Recorded

# How many attempts of a lead are listed.
MOST = 100
# How long ago an attempt may have been made.
OLDEST = timedelta(days=7)
_CLOSED = (Status.JOINED, Status.DEAD)
_KEY_USED = "This key was used for a call to another lead. Use a new one"
_SAYS_MORE = (
    "This call is already recorded, and not all of this was saved with it. Save the rest as an edit"
)


def record(
    session: Session,
    person: Person,
    lead_id: int,
    given: NewAttempt,
    standard: Standard,
    versions: Collection[int] | None = None,
) -> Recorded:
    """Record an attempt, with the changes of the lead that go with it.

    The same `client_key` again changes nothing and gets the same answer. Raises what `editing.edit`
    raises, `Conflict` for a key that was used for another lead or with other words, and `Invalid`
    for a text that the person can't use.
    """
    lead = changes.find(session, person, lead_id)
    assert lead.id is not None
    known = _known(session, person, given.client_key)
    if known is not None:
        if known.lead_id != lead.id:
            raise Conflict(_KEY_USED)
        if repeated_calls.says_more(session, known, lead, given, standard.zone):
            raise Conflict(_SAYS_MORE)
        assert known.id is not None
        return {"id": known.id, "lead": detail.show(session, person, lead.id)}
    if versions is not None and detail.version(session, lead.id) not in versions:
        raise Outdated
    text = _text(session, person, given)
    now = _time(given, standard.zone)
    before = lead_state.state(lead)
    id = _add(session, lead.id, person.id, given, text, now)
    attempt = session.get_one(Attempt, id)
    _change(session, lead, given, standard, person.id, now)
    if given.comment:
        attempt.comment_id = changes.add_comment(session, lead, given.comment, person.id, now)
    # After a message the lead stays in hand.
    if given.outcome not in MESSAGES:
        lead_claims.release(session, person, lead.id)
    session.flush()
    after = lead_state.state(lead)
    attempt.changes = lead_state.differences(before, after)
    session.flush()
    return {"id": id, "lead": detail.show(session, person, lead.id)}


def _known(session: Session, person: Person, key: str | None) -> Attempt | None:
    if key is None:
        return None
    own = (col(Attempt.user_id) == person.id, col(Attempt.key) == key)
    return session.scalars(select(Attempt).where(*own)).one_or_none()


def _time(given: NewAttempt, zone: ZoneInfo) -> datetime:
    """Return when an attempt was made: it may have been recorded without a network."""
    now = times.now()
    if given.at is None:
        return now
    # The device's clock may run ahead.
    at = min(given.at if given.at.tzinfo else given.at.replace(tzinfo=zone), now)
    if at < now - OLDEST:
        raise Invalid.at("body", "at", msg="Use a time in the last seven days")
    return at.astimezone(UTC)


def _text(session: Session, person: Person, given: NewAttempt) -> MessageText | None:
    """Return the text of a message. It may have been archived since it was chosen."""
    if given.text_id is None:
        return None
    text = message_texts.find(session, person, given.text_id)
    if text is None or given.outcome not in MESSAGES:
        raise Invalid.at("body", "text_id", msg="Choose from the list of texts")
    return text


def _add(
    session: Session,
    lead_id: int,
    by: int,
    given: NewAttempt,
    text: MessageText | None,
    now: datetime,
) -> int:
    """Add the row and its line of history; return the id."""
    values = {
        "lead_id": lead_id,
        "user_id": by,
        "at": now,
        "outcome": given.outcome.value,
        "seconds": given.seconds,
        "key": given.client_key,
        "changes": {},
        "text_id": given.text_id,
    }
    insert = upsert.insert(session, Attempt).values(**values).on_conflict_do_nothing()
    id: int | None = session.connection().scalar(insert.returning(col(Attempt.id)))
    if id is None:
        # Someone uses one key for two leads at once.
        raise Conflict(_KEY_USED)
    said = {"call_id": id, "outcome": given.outcome.value, "seconds": given.seconds}
    if text is not None:
        said |= {"text_id": text.id, "text_label": text.label}
    session.add(event(lead_id, now, EventKind.CALL, by, **said))
    session.flush()
    return id


def _change(
    session: Session, lead: Lead, given: NewAttempt, standard: Standard, by: int, now: datetime
) -> None:
    """Change the lead as the request says, and then as the outcome does."""
    is_call = given.outcome not in MESSAGES
    changes.worked_on(lead)
    editing.set_work(session, lead, given, by, standard.zone, now)
    if "trial_outcome" in given.model_fields_set:
        changes.set_trial_outcome(session, lead, given.trial_outcome, by, now)
    if is_call:
        if given.status is None and lead.status == Status.NEW:
            changes.set_status(session, lead, Status.CALLED, by, now)
        lead.called_at = lead.called_at or now
    if given.outcome is Outcome.WRONG_NUMBER:
        lead.wrong_phone = lead.phone_key
    attempt_counts.set_counts(session, lead)
    if given.outcome in ANSWERED:
        changes.try_again(lead, now)
    if not _says_what_is_next(lead, given):
        rules = standard.of_center(session, lead.center_id)
        _set_next_step(session, lead, given.outcome, rules, by, now)


def _says_what_is_next(lead: Lead, given: NewAttempt) -> bool:
    """Return whether nothing follows from the outcome alone."""
    fields = given.model_fields_set
    is_chosen = "next_followup_date" in fields or given.trial_at is not None
    return is_chosen or lead.status in _CLOSED


def _set_next_step(
    session: Session, lead: Lead, outcome: Outcome, rules: Rules, by: int, now: datetime
) -> None:
    at, is_last = next_step(session, lead, outcome, rules, now)
    if is_last and lead.unreachable_since is None:
        changes.set_follow_up(session, lead, None, by, now)
        lead.unreachable_since = now
    elif not is_last:
        changes.set_follow_up(session, lead, at, by, now)


def next_step(
    session: Session, lead: Lead, outcome: Outcome, rules: Rules, now: datetime
) -> tuple[datetime | None, bool]:
    """Return the next date of an open lead after an outcome, and whether nobody tries again."""
    planned = lead.next_followup_date
    is_ahead = planned is not None and planned > now
    if outcome is Outcome.SPOKE:
        return (planned if is_ahead else None), False
    if lead.do_not_contact:
        return None, False
    if outcome in ANSWERED:
        return rules.next_try(1, now), False
    if outcome in MESSAGES:
        if is_ahead or lead.unreachable_since is not None:
            return planned, lead.unreachable_since is not None
        return rules.next_try(min(lead.unanswered, len(rules.plan)), now), False
    assert outcome in UNANSWERED
    assert lead.id is not None
    is_known_wrong = lead.wrong_phone is not None and lead.wrong_phone == lead.phone_key
    is_wrong = outcome is Outcome.WRONG_NUMBER or is_known_wrong
    has_number = not is_wrong or bool(lead_phones.of(session, lead.id))
    at = rules.next_try(lead.unanswered, now) if has_number else None
    has_trial = lead.status == Status.TRIAL_SCHEDULED and (lead.trial_at or now) > now
    # One who has a trial ahead is seen there.
    return at, at is None and not has_trial


def undo(session: Session, person: Person, lead_id: int, attempt_id: int) -> Recorded:
    """Take back an attempt, and what it has changed if the lead is still as it left it.

    A comment stays. People undo their own, a team lead any. Raises `LeadNotFound`,
    `AttemptNotFound` and `Conflict`.
    """
    lead = changes.find(session, person, lead_id)
    assert lead.id is not None
    attempt = session.get(Attempt, attempt_id, populate_existing=True)
    if (
        attempt is None
        or attempt.lead_id != lead.id
        or (attempt.user_id != person.id and person.role != Role.TEAM_LEAD)
    ):
        raise AttemptNotFound
    if attempt.undone_at is not None:
        raise Conflict("This call has already been undone")
    now = times.now()
    attempt.undone_at = now
    state = lead_state.state(lead)
    if attempt.changes and all(state[name] == to for name, (_, to) in attempt.changes.items()):
        was = {name: before for name, (before, _) in attempt.changes.items()}
        restoring.restore(session, lead, was, person.id, now)
    attempt_counts.set_counts(session, lead)
    said = {"call_id": attempt_id, "outcome": attempt.outcome, "undone": True}
    session.add(event(lead.id, now, EventKind.CALL, person.id, **said))
    session.flush()
    return {"id": attempt_id, "lead": detail.show(session, person, lead.id)}


def show(session: Session, person: Person, lead_id: int, standard: Standard) -> Attempts:
    """Return a lead's attempts, the newest first, and when it's tried again if it doesn't answer.

    `next_try` is null where nobody would try again. Raises `LeadNotFound`.
    """
    lead = _find(session, person, lead_id)
    query = (
        select(
            col(Attempt.id),
            written(col(Attempt.at)).label("at"),
            col(Attempt.outcome),
            col(Attempt.seconds),
            col(Attempt.comment_id),
            col(User.full_name).label("who"),
            col(Attempt.text_id),
        )
        .join_from(Attempt, User, col(User.id) == col(Attempt.user_id), isouter=True)
        .where(col(Attempt.lead_id) == lead.id, col(Attempt.undone_at).is_(None))
        .order_by(col(Attempt.at).desc(), col(Attempt.id).desc())
        .limit(MOST)
    )
    is_tried = lead.status not in _CLOSED and not lead.do_not_contact
    rules = standard.of_center(session, lead.center_id)
    next_try = rules.next_try(lead.unanswered + 1, times.now()) if is_tried else None
    return cast(Attempts, {"calls": rows.fetch(session, query), "next_try": next_try})


def _find(session: Session, person: Person, lead_id: int) -> Any:
    columns = (Lead.id, Lead.status, Lead.do_not_contact, Lead.unanswered, Lead.center_id)
    query = select(*map(col, columns)).where(visible_to(person))

    def read(id: int) -> Any:
        return session.connection().execute(query.where(col(Lead.id) == id)).one_or_none()

    return merged.resolve(session, lead_id, read)
