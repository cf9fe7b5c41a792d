"""Write what was decided in bulk: leads, their history, and the rows that wait for a center.

Every line of history has the import's id, by which the import can be undone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.calling.rules import Standard
from backend.core.database import bulk_insert, upsert
from backend.core.database.json_columns import encode
from backend.core.imports import rows
from backend.core.imports.rows import MAKES_A_LEAD, Row, Verdict
from backend.core.intake import center_aliases, deliveries
from backend.core.leads import assignment, imported_state, lead_phones, new_lead, reopening
from backend.core.leads.choices import Spelling
from backend.core.leads.imported_state import Owners, WorkState
from backend.core.leads.matching import SAID
from backend.core.reasons import ReasonCode
from backend.models import Delivery, DeliveryState, EventKind, Lead, Source, Status

# Returns more data of a line of history, by lead.
Keep = Callable[[Session, Sequence[int]], dict[int, dict[str, Any]]]
_EVENT = ("lead_id", "at", "user_id", "kind", "data", "import_id")


class CenterKnownNow(Exception):
    """A center became known after the decision that rows wait for it."""


@dataclass(slots=True)
class Writer:
    """Writes the rows of one import, batch after batch; `now` is in UTC.

    `leads` has the lead that each row has become, by the row's number, and `made` the row by the
    lead. `changed` is whether anything at all was written; `unknown` are the texts that name no
    center in this transaction, each with the reason.
    """

    import_id: int
    user_id: int | None
    now: datetime = field(default_factory=lambda: times.now())
    _session: Session = field(init=False)
    leads: dict[int, int] = field(default_factory=dict)
    changed: bool = False
    unknown: dict[str, ReasonCode] = field(default_factory=dict)
    made: dict[int, int] = field(default_factory=dict)
    owners: Owners | None = None
    standard: Standard | None = None
    spelling: Spelling | None = None

    def write(self, session: Session, batch: Sequence[Row]) -> None:
        """Write decided rows.

        Raises `IntegrityError` if a lead of Meta's came in meanwhile, and `CenterKnownNow`.
        """
        self._session = session
        # What was unknown in an earlier transaction may be known by now.
        self.unknown.clear()
        new = [row for row in batch if row.verdict in MAKES_A_LEAD]
        joining = [row for row in batch if row.verdict is Verdict.JOIN]
        waiting = [row for row in batch if row.verdict is Verdict.WAITING]
        # The same enquiry without an id from Meta changes nothing.
        joins = any(row.again or row.leadgen_id is not None for row in joining)
        self.changed = self.changed or bool(new or waiting) or joins
        self._create(new)
        self._join(joining)
        self._put_aside(waiting)

    def lead_of(self, row: Row) -> int | None:
        """Return the lead that a row has become, has joined, or is known as."""
        if row.of is None:
            return self.leads.get(row.number)
        return row.of if row.of > 0 else self.leads.get(-row.of)

    def _create(self, new: Sequence[Row]) -> None:
        extras = [orjson.loads(row.extra) if row.extra is not None else None for row in new]
        works = [WorkState.of(extra.get("work")) if extra is not None else None for extra in extras]
        if self.spelling is None:
            self.spelling = Spelling(self._session)
        # A plain sheet pays nothing for the columns that it doesn't have.
        has_work = any(works)
        leads = [
            (
                row.created_time or self.now,
                row.player_name,
                self.spelling.of(row.player_age_category, row.center_id),
                row.phone,
                row.email,
                row.address,
                row.center_id,
                row.leadgen_id,
                row.is_test,
                row.phone_key,
                row.name_key,
                row.email_key,
                new_lead.campaign_of(extra.get("origin", {})) if extra is not None else None,
                row.phone_issue,
                row.phone_extension,
                row.birth_date,
            )
            for row, extra in zip(new, extras, strict=True)
        ]
        if has_work:
            leads = [
                (*lead, *self._work_of(lead[0], work, extra))
                for lead, work, extra in zip(leads, works, extras, strict=True)
            ]
        ids = bulk_insert.insert_leads(
            self._session,
            leads,
            user_id=self.user_id,
            source=Source.UPLOAD,
            import_id=self.import_id,
            more=imported_state.COLUMNS if has_work else (),
        )
        origins = []
        for row, id, extra in zip(new, ids, extras, strict=True):
            self.leads[row.number] = id
            self.made[id] = row.number
            if extra is not None and (extra.get("origin") or extra.get("answers")):
                origin = map(extra.get("origin", {}).get, new_lead.ORIGIN)
                answers = orjson.dumps(extra.get("answers", {})).decode()
                origins.append((id, *origin, answers))
        bulk_insert.insert(
            self._session, "leadorigin", ("lead_id", *new_lead.ORIGIN, "answers"), origins
        )
        numbers = [(id, number) for row, id in zip(new, ids, strict=True) for number in row.further]
        bulk_insert.insert(self._session, "leadphone", ("lead_id", "phone_key"), numbers)
        if has_work:
            self._note_work([(id, work) for id, work in zip(ids, works, strict=True) if work])
        named = [(id, row.center) for row, id in zip(new, ids, strict=True) if row.center]
        center_aliases.note_aliases(self._session, named)
        if self.standard is not None:
            assignment.assign_unowned(self._session, ids, self.standard, self.now, self.import_id)

    def _work_of(
        self, created: datetime, work: WorkState | None, extra: dict[str, Any] | None
    ) -> tuple[Any, ...]:
        """Return the values of `imported_state.COLUMNS`; an unknown owner is an answer."""
        if work is None:
            return WorkState().values(created, None)
        if self.owners is None:
            self.owners = Owners(self._session)
        owner_id = self.owners.find(work.owner)
        if owner_id is None and work.owner is not None and extra is not None:
            extra.setdefault("answers", {}).setdefault(work.owner_column, work.owner)
        return work.values(created, owner_id)

    def _note_work(self, works: Sequence[tuple[int, WorkState]]) -> None:
        """Add the comments of new leads, and the history of what was done elsewhere."""
        remarks = [(id, work.comment) for id, work in works if work.comment is not None]
        ids = bulk_insert.new_ids(self._session, "comment", len(remarks)) if remarks else []
        bulk_insert.insert(
            self._session,
            "comment",
            ("id", "text", "timestamp", "user_id", "lead_id"),
            [
                (id, text, self.now, self.user_id, lead_id)
                for id, (lead_id, text) in zip(ids, remarks, strict=True)
            ],
        )
        lines = [
            (lead_id, kind.value, encode(data))
            for lead_id, work in works
            for kind, data in work.events()
        ]
        lines += [
            (lead_id, EventKind.COMMENT.value, encode({"comment_id": id}))
            for id, (lead_id, _) in zip(ids, remarks, strict=True)
        ]
        self._note(lines)

    def _join(self, joining: Sequence[Row]) -> None:
        asked = []
        captured = []
        numbers: list[lead_phones.Number] = []
        for row in joining:
            lead_id = self.lead_of(row)
            if row.again:
                line = encode(self._repeat_enquiry(row))
                asked.append((lead_id, EventKind.REPEAT_ENQUIRY.value, line))
            if lead_id is not None:
                numbers += [(lead_id, number) for number in row.numbers() if row.further]
            if row.leadgen_id is not None:
                captured.append((lead_id, row))
        self._note(asked)
        again = sorted({lead_id for lead_id, *_ in asked if lead_id})
        self._reopen(again)
        self._try_again(again)
        self._keep_ids(captured)
        if lead_phones.add(self._session, numbers, self.import_id):
            self.changed = True

    def _repeat_enquiry(self, row: Row) -> dict[str, Any]:
        said = {name: value for name in SAID if (value := getattr(row, name)) is not None}
        extra = orjson.loads(row.extra) if row.extra else {}
        return new_lead.repeat_enquiry(
            Source.UPLOAD,
            row.created_time or self.now,
            said,
            row.numbers(),
            extra.get("origin", {}),
            # What was done elsewhere doesn't change the lead: it is told with the answers.
            extra.get("answers", {}) | extra.get("work", {}).get("said", {}),
        )

    def _reopen(self, leads: list[int]) -> None:
        """Make dead leads `New` again."""
        line = EventKind.STATUS, {"from": Status.DEAD, "to": Status.NEW}
        is_dead = col(Lead.status) == Status.DEAD
        reopened = self._change(leads, is_dead, {"status": Status.NEW}, *line)
        if self.standard is not None:
            standard, now = self.standard, self.now
            assignment.reopen(self._session, reopened, standard, now, self.import_id)

    def _try_again(self, leads: list[int]) -> None:
        """Make unreachable leads due now."""
        due = {"next_followup_date": self.now, "tries_since": self.now, "unreachable_since": None}
        line = EventKind.FOLLOW_UP, {"from": None, "to": self.now}
        is_unreachable = col(Lead.unreachable_since).is_not(None)
        self._change(leads, is_unreachable, due, *line, keep=reopening.before)

    def _change(
        self,
        leads: list[int],
        which: ColumnElement[bool],
        values: dict[str, Any],
        kind: EventKind,
        data: dict[str, Any],
        keep: Keep | None = None,
    ) -> list[int]:
        """Change some of the leads, with a line of history, after anyone who is changing them.

        What `keep` returns for a lead is in its line, too. Return the ids of the leads.
        """
        changed: list[int] = []
        for batch in bulk_insert.batches(leads):
            found = select(col(Lead.id)).where(
                bulk_insert.among(self._session, col(Lead.id), batch), which
            )
            locked = found.order_by(col(Lead.id)).with_for_update()
            ids = [id for id in self._session.connection().scalars(locked) if id is not None]
            if not ids:
                continue
            kept = keep(self._session, ids) if keep else {}
            change = update(Lead).where(bulk_insert.among(self._session, col(Lead.id), ids))
            self._session.connection().execute(change.values(**values))
            self._note([(id, kind.value, encode(data | kept.get(id, {}))) for id in ids])
            changed += ids
        return changed

    def _note(self, lines: Sequence[tuple[Any, str, str]]) -> None:
        """Add lines of history: each with its lead, its kind and its data."""
        bulk_insert.insert(
            self._session,
            "leadevent",
            _EVENT,
            [(id, self.now, self.user_id, kind, data, self.import_id) for id, kind, data in lines],
        )

    def _keep_ids(self, captured: Sequence[tuple[int | None, Row]]) -> None:
        """Keep Meta's ids of rows that joined a lead: they are known from now on."""
        common = {
            "source": Source.UPLOAD,
            "state": DeliveryState.PROCESSED,
            "reason": Verdict.JOIN,
            "received_at": self.now,
            "import_id": self.import_id,
        }
        if captured:
            deliveries.hold_ids(self._session)
        for batch in bulk_insert.batches(captured, 500):
            found = [
                common | {"lead_id": id, "leadgen_id": row.leadgen_id, "body": rows.body(row)}
                for id, row in batch
            ]
            statement = upsert.insert(self._session, Delivery).values(found)
            # A delivery that was announced and isn't fetched yet gets its lead here.
            statement = statement.on_conflict_do_update(
                index_elements=["leadgen_id"], set_={"lead_id": statement.excluded.lead_id}
            )
            self._session.connection().execute(statement)

    def _put_aside(self, waiting: Sequence[Row]) -> None:
        if not waiting:
            return
        for center in {row.center for row in waiting if row.center} - {*self.unknown}:
            if center_aliases.find(self._session, center) is not None:
                raise CenterKnownNow
            self.unknown[center] = center_aliases.why_unknown(self._session, center)
        taken = self._taken([row.leadgen_id for row in waiting if row.leadgen_id])
        found = []
        for row in waiting:
            # If there is a delivery with Meta's id already, the row waits without it.
            own = row.leadgen_id if row.leadgen_id not in taken else None
            taken.add(row.leadgen_id)
            body = rows.body(row)
            found.append(
                {
                    "body": body,
                    "center_text": row.center,
                    "reason": self.unknown.get(row.center or "", ReasonCode.UNKNOWN_CENTER),
                    "leadgen_id": own,
                    "import_id": self.import_id,
                }
            )
        deliveries.put_aside(self._session, found)

    def _taken(self, leadgen_ids: Sequence[str]) -> set[str | None]:
        taken: set[str | None] = set()
        for batch in bulk_insert.batches(leadgen_ids):
            same = bulk_insert.among(self._session, col(Delivery.leadgen_id), batch)
            query = select(col(Delivery.leadgen_id)).where(same)
            taken.update(self._session.scalars(query))
        return taken
