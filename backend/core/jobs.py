"""The jobs of the background: what there is to do, how often, and how."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from backend.core import mail, retention, summaries
from backend.core.accounts import notices
from backend.core.alerts import announcing, browsers, follow_ups, pushing, telling
from backend.core.audit import retention as audit_retention
from backend.core.calling.rules import Standard
from backend.core.db import Database, low_priority
from backend.core.imports import recovery
from backend.core.intake import center_merging, claims, processing
from backend.core.intake.meta import backfill, form_list
from backend.core.leads import handovers, leaving, list_change_steps, search, waiting_leads
from backend.core.outbox import inside, sending
from backend.core.outbox.channels import Send
from backend.core.privacy import finishing
from backend.core.reports import rollup
from backend.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Work:
    """What a job works on, and how much one batch may take."""

    db: Database
    settings: Settings
    reader: processing.Reader | None = None
    deliveries: int = processing.BATCH
    at_once: int = processing.AT_ONCE
    # In seconds: the longest run of a job of its own thread; None for its usual limit.
    longest: float | None = None
    # The last delivery to process, with those that it announces; None for all.
    last: int | None = None


def process_deliveries(work: Work) -> int:
    with low_priority():  # senders wait for a response
        return processing.run_once(
            work.db, work.settings, work.reader, work.deliveries, work.at_once, work.last
        )


def _backfill(work: Work) -> int:
    return backfill.run_if_due(work.db, work.settings, work.longest) is not None


def _forms(work: Work) -> int:
    return form_list.run_if_due(work.db, work.settings, work.longest)


def _abandoned_imports(work: Work) -> int:
    return recovery.run(work.db)


def _list_changes(work: Work) -> int:
    return list_change_steps.run(work.db, work.settings)


def _moved_clocks(work: Work) -> int:
    return _catch_up(work.db, claims.is_planned_too_late, claims.recheck_due)


def _moved_centers(work: Work) -> int:
    return _catch_up(work.db, center_merging.is_behind, center_merging.carry_on)


def _missed_targets(work: Work) -> int:
    return handovers.run(work.db, work.settings)


def _late_follow_ups(work: Work) -> int:
    return handovers.run_follow_ups(work.db, work.settings)


def _search_index(work: Work) -> int:
    return _catch_up(work.db, search.is_behind, search.fill)


def _moved_days(work: Work) -> int:
    with low_priority(), work.db.write() as session:
        rollup.recheck(session, work.settings.zone)
    return 0


def _daily_totals(work: Work) -> int:
    refresh = partial(rollup.refresh, zone=work.settings.zone)
    return _catch_up(work.db, rollup.is_behind, refresh)


def _old_audit_events(work: Work) -> int:
    return audit_retention.shorten(work.db, work.settings.audit_days)


def _old_rows(work: Work) -> int:
    return retention.remove(work.db, work.settings)


def _waiting_leads(work: Work) -> int:
    return waiting_leads.give_out(work.db, Standard.of(work.settings))


def _stray_leads(work: Work) -> int:
    return leaving.release_strays(work.db)


def _erasures(work: Work) -> int:
    return finishing.run_next(work.db)


def _leftovers(work: Work) -> int:
    finishing.check_key(work.db, work.settings.erasure_secret)
    return finishing.clean_file(work.db)


def _alerts(work: Work) -> int:
    return inside.run_once(work.db, announcing.CHANNEL, telling.tell)


def _due_follow_ups(work: Work) -> int:
    return follow_ups.run(work.db, work.settings)


# How the outbox sends to the outside, by the names of the channels.
CHANNELS: dict[str, Send] = {
    browsers.CHANNEL: pushing.send,
    summaries.CHANNEL: summaries.send,
    notices.CHANNEL: notices.send,
}


def _summaries(work: Work) -> int:
    return summaries.plan(work.db, work.settings)


def _outbox(work: Work) -> int:
    limit = min(work.deliveries, sending.BATCH)
    return sending.run_once(work.db, work.settings, CHANNELS, limit, work.at_once)


def _catch_up(
    db: Database, is_behind: Callable[[Session], bool], catch_up: Callable[[Session], int]
) -> int:
    """Look before writing, so that no writer has to wait for a look."""
    with db.read() as session:
        if not is_behind(session):
            return 0
    with low_priority(), db.write() as session:
        return catch_up(session)


def _always(_settings: Settings) -> bool:
    return True


def can_read_meta(settings: Settings) -> bool:
    return bool(settings.meta_access_token.get_secret_value())


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of work: how often it is looked for, and what does one batch of it.

    `run` returns how much it did. After `full` or more there may be more to do: the job goes on
    after `rest` times as long as the batch took. Otherwise it is looked for again after `every`
    seconds. One that is `alone` may take minutes, and has a thread of its own where there are any.
    """

    name: str
    every: float
    run: Callable[[Work], int]
    full: float = 1
    rest: float = 0.0
    alone: bool = False
    when: Callable[[Settings], bool] = _always


# In order: a job has its turn when those before it have nothing to do.
JOBS = (
    # First, and yet no more often than once a second: a thousand leads are told of in a few steps.
    Job("alerts", every=1, run=_alerts, full=inside.BATCH, rest=1),
    Job("deliveries", every=0, run=process_deliveries),
    Job("due follow-ups", every=10, run=_due_follow_ups, full=math.inf),
    Job("summaries", every=60, run=_summaries, full=math.inf, when=mail.is_set_up),
    Job("abandoned imports", every=10, run=_abandoned_imports, full=math.inf),
    # Someone looks at how far it is.
    Job("list changes", every=0, run=_list_changes),
    Job("moved clocks", every=60, run=_moved_clocks, full=math.inf),
    Job("moved centers", every=10, run=_moved_centers),
    Job("missed targets", every=10, run=_missed_targets, full=handovers.STEP),
    Job("late follow-ups", every=60, run=_late_follow_ups, full=handovers.STEP),
    # Not at every lead: under steady inflow each would be indexed alone, which takes half a core
    # from the senders. A search finds leads that aren't in the index yet.
    Job("search index", every=1, run=_search_index, full=search.BATCH),
    # Once in a process: the zone of the settings, or its rules, may have changed since.
    Job("moved days", every=math.inf, run=_moved_days),
    # Not at every change: a day on which many leads come in would be added up all the time. Until
    # then the leads themselves are read.
    Job("daily totals", every=20, run=_daily_totals, full=rollup.BATCH, rest=9),
    Job("old audit events", every=3600, run=_old_audit_events, full=audit_retention.STEP, rest=1),
    Job("erasures", every=10, run=_erasures),
    Job("leftovers of erasures", every=3600, run=_leftovers, full=math.inf),
    Job("old rows", every=3600, run=_old_rows, rest=9),
    Job("waiting leads", every=30, run=_waiting_leads, full=waiting_leads.STEP, rest=9),
    Job("stray leads", every=3600, run=_stray_leads, full=leaving.STEP, rest=9),
    # Receivers may be slow: nothing else waits for them.
    Job("outbox", every=1, run=_outbox, full=sending.BATCH, alone=True),
    Job("backfill", every=30, run=_backfill, alone=True, when=can_read_meta),
    Job("forms", every=30, run=_forms, alone=True, when=can_read_meta),
)
