"""One person's data: everything that is held, its erasure, and what may be done with it."""

from collections.abc import Callable

from backend.api.messages import Response
from backend.api.operation import EDITORS, TEAM_LEAD, Body, Call, Operation, Unit
from backend.core.accounts import hourly_limits
from backend.core.accounts.hourly_limits import Kind
from backend.core.audit import Event, Subject
from backend.core.errors import (
    Conflict,
    ConsentNotFound,
    ErasureNotFound,
    LeadNotFound,
    TooManyFiles,
)
from backend.core.leads import consents, contact, detail
from backend.core.privacy import erasing, person_export
from backend.core.privacy.person_export import FileForm
from backend.schemas.leads import LeadDetail, LeadId
from backend.schemas.privacy import (
    ConsentId,
    Contact,
    ErasedOut,
    EraseLead,
    ErasureFilter,
    ErasureId,
    NewConsent,
)

_TYPES = {FileForm.JSON: "application/json", FileForm.CSV: "text/csv; charset=utf-8"}


def _export(form: FileForm) -> Callable[[Call[LeadId]], Response]:
    """Return a handler that answers with a person's data as a file."""

    def answer(call: Call[LeadId]) -> Response:
        with hourly_limits.counted(call.db, call.settings, call.person, Kind.EXPORT):
            content = person_export.export(call.db, call.person, call.path.id, form)
        disposition = f'attachment; filename="lead-{call.path.id}{form}"'
        headers = {"content-type": _TYPES[form], "content-disposition": disposition}
        return Response(200, content, headers)

    return answer


def erase_lead(call: Call[LeadId, None, EraseLead]) -> ErasedOut:
    at_once = call.body.at_once
    erased = erasing.erase(call.session, call.settings, call.person, call.path.id, at_once=at_once)
    call.after_commit(call.wake)
    return erased


def list_erasures(call: Call[None, ErasureFilter]) -> list[ErasedOut]:
    return erasing.list_page(call.session, call.query.before, call.query.limit)


def destroy_erased(call: Call[ErasureId]) -> ErasedOut:
    erased = erasing.destroy_now(call.session, call.settings, call.person, call.path.id)
    call.after_commit(call.wake)
    return erased


def set_contact(call: Call[LeadId, None, Contact]) -> LeadDetail:
    wanted = call.body.do_not_contact
    lead_id = contact.set_allowed(call.session, call.person, call.path.id, allowed=not wanted)
    call.record(Event.CONTACT_CHANGED, Subject.LEAD, lead_id, do_not_contact=wanted)
    return detail.show(call.session, call.person, lead_id)


def add_consent(call: Call[LeadId, None, NewConsent]) -> LeadDetail:
    zone = call.settings.zone
    lead_id, consent_id = consents.add(call.session, call.person, call.path.id, call.body, zone)
    call.record(Event.CONSENT_RECORDED, Subject.LEAD, lead_id, consent_id=consent_id)
    return detail.show(call.session, call.person, lead_id)


def withdraw_consents(call: Call[LeadId]) -> LeadDetail:
    lead_id, ids = consents.withdraw(call.session, call.person, call.path.id)
    call.record(Event.CONSENT_WITHDRAWN, Subject.LEAD, lead_id, consent_ids=ids)
    return detail.show(call.session, call.person, lead_id)


def withdraw_consent(call: Call[ConsentId]) -> LeadDetail:
    lead_id, ids = consents.withdraw(call.session, call.person, call.path.id, call.path.consent_id)
    call.record(Event.CONSENT_WITHDRAWN, Subject.LEAD, lead_id, consent_ids=ids)
    return detail.show(call.session, call.person, lead_id)


OPERATIONS = (
    Operation(
        name="export_person_json",
        method="GET",
        path="/leads/{id}/data.json",
        summary="Export everything that is held about a lead, as JSON",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        handler=_export(FileForm.JSON),
        answer=Response,
        errors=(LeadNotFound, TooManyFiles),
    ),
    Operation(
        name="export_person_csv",
        method="GET",
        path="/leads/{id}/data.csv",
        summary="Export everything that is held about a lead, as CSV",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        handler=_export(FileForm.CSV),
        answer=Response,
        errors=(LeadNotFound, TooManyFiles),
    ),
    Operation(
        name="erase_lead",
        method="POST",
        path="/leads/{id}/erase",
        summary="Erase a lead: it is gone at once, and its data is destroyed later or at once",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=erase_lead,
        answer=ErasedOut,
        errors=(LeadNotFound,),
    ),
    Operation(
        name="list_erasures",
        method="GET",
        path="/erasures/",
        summary="List erasures, the newest first",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_erasures,
        answer=list[ErasedOut],
    ),
    Operation(
        name="destroy_erased",
        method="POST",
        path="/erasures/{id}/destroy",
        summary="Have an erased lead's data destroyed at once, where the settings allow that",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=destroy_erased,
        answer=ErasedOut,
        errors=(ErasureNotFound, Conflict),
    ),
    Operation(
        name="set_contact",
        method="PUT",
        path="/leads/{id}/contact",
        summary="Set whether a lead must not be contacted",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=set_contact,
        answer=LeadDetail,
        errors=(LeadNotFound,),
    ),
    Operation(
        name="add_consent",
        method="POST",
        path="/leads/{id}/consents",
        summary="Record a consent that was given or refused",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=add_consent,
        answer=LeadDetail,
        errors=(LeadNotFound,),
    ),
    Operation(
        name="withdraw_consents",
        method="POST",
        path="/leads/{id}/consents/withdraw",
        summary="Withdraw all consents of a lead, which must then not be contacted",
        access=EDITORS,
        unit=Unit.WRITE,
        handler=withdraw_consents,
        answer=LeadDetail,
        errors=(LeadNotFound,),
    ),
    Operation(
        name="withdraw_consent",
        method="POST",
        path="/leads/{id}/consents/{consent_id}/withdraw",
        summary="Withdraw one consent",
        access=EDITORS,
        unit=Unit.WRITE,
        handler=withdraw_consent,
        answer=LeadDetail,
        errors=(LeadNotFound, ConsentNotFound),
    ),
)
