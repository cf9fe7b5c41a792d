"""Owners of leads: who may be one, and claims of the leads that people have in hand."""

from backend.api.operation import EDITORS, SIGNED_IN, Call, Operation, Unit
from backend.core.errors import Conflict, LeadNotFound
from backend.core.leads import lead_claims, owners
from backend.schemas.leads import LeadId
from backend.schemas.owners import ClaimOut, OwnerOut


def list_owners(call: Call) -> list[OwnerOut]:
    return owners.choices(call.session, call.person)


def claim_lead(call: Call[LeadId]) -> ClaimOut:
    minutes = call.settings.claim_minutes
    return lead_claims.claim(call.session, call.person, call.path.id, minutes)


def release_lead(call: Call[LeadId]) -> dict[str, str]:
    lead_claims.release(call.session, call.person, call.path.id)
    return {"status": "released"}


OPERATIONS = (
    Operation(
        name="list_owners",
        method="GET",
        path="/leads/owners",
        summary="List who can own leads of your centers",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=list_owners,
        answer=list[OwnerOut],
    ),
    Operation(
        name="claim_lead",
        method="POST",
        path="/leads/{id}/claim",
        summary="Claim a lead while you work on it, or renew your claim",
        access=EDITORS,
        unit=Unit.WRITE,
        handler=claim_lead,
        answer=ClaimOut,
        errors=(LeadNotFound, Conflict),
    ),
    Operation(
        name="release_lead",
        method="DELETE",
        path="/leads/{id}/claim",
        summary="Give back a lead that you have claimed",
        access=EDITORS,
        unit=Unit.WRITE,
        handler=release_lead,
        answer=dict[str, str],
    ),
)
