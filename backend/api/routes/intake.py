"""Intake: the webhook, the deliveries that it stores, unknown centers, and Meta's forms."""

from backend.api import parse
from backend.api.messages import Head, Response
from backend.api.operation import ANYONE, TEAM_LEAD, Body, Call, Operation, Unit
from backend.core.audit import Event, Subject
from backend.core.errors import (
    CenterNotFound,
    Conflict,
    DeliveryNotFound,
    Forbidden,
    FormNotFound,
    PageNotFound,
    TooManyAttempts,
)
from backend.core.intake import (
    center_aliases,
    deliveries,
    forms,
    health,
    placing,
    webhook,
    webhook_access,
)
from backend.core.settings import Settings
from backend.schemas.health import IntakeHealth
from backend.schemas.intake import (
    CenterChoice,
    CenterMatch,
    DeliveryFilter,
    DeliveryId,
    DeliveryOut,
    DeliveryRow,
    Dismissal,
    FormId,
    FormMapping,
    FormOut,
    Handshake,
    Kept,
    PageId,
    PageOut,
    Placement,
    Reopened,
    Retry,
    UnknownCenter,
    WebhookQuery,
)
from backend.schemas.leads import Updated
from backend.schemas.webhook import FlatLead, Received, ReceivedList, Refused


def shake_hands(call: Call[None, Handshake]) -> Response:
    challenge = webhook.shake_hands(call.db, call.settings, call.query, call.address)
    return Response(200, challenge.encode(), {"content-type": "text/plain; charset=utf-8"})


def admit_lead(settings: Settings, head: Head) -> None:
    token = None if webhook.TOKEN in head.headers else parse.query(head.query).get("token")
    webhook.check_head(settings, head.headers, token if isinstance(token, str) else None)


def receive_lead(call: Call[None, WebhookQuery, bytes]) -> Received | Refused | ReceivedList | Kept:
    posted = webhook.Posted(call.body, call.headers, call.query.token, call.address)
    answer: Received | Refused | ReceivedList | Kept
    if webhook_access.is_signed(call.settings, call.headers, call.body):
        answer = webhook.keep_signed(call.db, posted)
    else:
        # Imported for unsigned requests only: Meta's first delivery doesn't wait for it.
        from backend.core.rate_limits import Throttle

        answer = webhook.receive(call.db, call.settings, Throttle(call.db), posted)
    if webhook.is_for_workers(answer):
        call.after_commit(call.wake)
    return answer


def list_deliveries(call: Call[None, DeliveryFilter]) -> list[DeliveryRow]:
    return deliveries.list_page(call.session, call.query)


def show_delivery(call: Call[DeliveryId]) -> DeliveryOut:
    return deliveries.show(call.session, call.path.id)


def retry_delivery(call: Call[DeliveryId, Retry]) -> Reopened:
    every = call.query.all_of_reason
    reopened = deliveries.retry(call.session, call.path.id, all_of_reason=every)
    call.after_commit(call.wake)
    return {"reopened": reopened}


def dismiss_delivery(call: Call[DeliveryId, None, Dismissal]) -> Updated:
    deliveries.dismiss(call.session, call.person, call.path.id, call.body.reason)
    return {"status": "updated"}


def place_delivery(call: Call[DeliveryId, None, Placement]) -> Reopened:
    reopened = placing.place(call.session, call.path.id, call.body)
    call.after_commit(call.wake)
    return {"reopened": reopened}


def list_unknown_centers(call: Call) -> list[UnknownCenter]:
    return center_aliases.unknown(call.session)


def match_center(call: Call[None, None, CenterMatch]) -> Reopened:
    match = call.body
    reopened = center_aliases.add(call.session, call.person, match.text, match.center_id)
    call.record(Event.ALIAS_ADDED, Subject.CENTER, match.center_id, reopened=reopened)
    call.after_commit(call.wake)
    return {"reopened": reopened}


def list_forms(call: Call) -> list[FormOut]:
    return forms.list_all(call.session)


def map_form(call: Call[FormId, None, FormMapping]) -> FormOut:
    form = forms.set_mapping(call.session, call.path.id, call.body.mapping)
    call.record(Event.FORM_CHANGED, form=call.path.id, fields=["mapping"])
    call.after_commit(call.wake)
    return form


def set_form_center(call: Call[FormId, None, CenterChoice]) -> FormOut:
    form = forms.set_center(call.session, call.path.id, call.body.center_id)
    call.record(Event.FORM_CHANGED, form=call.path.id, center_id=call.body.center_id)
    call.after_commit(call.wake)
    return form


def list_pages(call: Call) -> list[PageOut]:
    return forms.list_pages(call.session)


def set_page_center(call: Call[PageId, None, CenterChoice]) -> PageOut:
    page = forms.set_page_center(call.session, call.path.id, call.body.center_id)
    call.record(Event.PAGE_CHANGED, page=call.path.id, center_id=call.body.center_id)
    call.after_commit(call.wake)
    return page


def show_intake_health(call: Call) -> IntakeHealth:
    return health.show(call.session, call.settings)


OPERATIONS = (
    Operation(
        name="shake_hands",
        method="GET",
        path="/leads/meta-webhook/",
        summary="Answer Meta's handshake with the challenge",
        access=ANYONE,
        unit=Unit.MANUAL,
        handler=shake_hands,
        answer=Response,
        errors=(Forbidden, TooManyAttempts),
    ),
    Operation(
        name="receive_lead",
        method="POST",
        path="/leads/meta-webhook/",
        summary="Receive a lead from a form, or a notification from Meta",
        access=ANYONE,
        unit=Unit.MANUAL,
        body=Body.RAW,
        documented_body=FlatLead,
        handler=receive_lead,
        admit=admit_lead,
        is_delivery=True,
        answer=Received | Refused | ReceivedList | Kept,
        errors=(webhook.BadSignature, webhook.BadToken, TooManyAttempts),
    ),
    Operation(
        name="list_deliveries",
        method="GET",
        path="/deliveries/",
        summary="List the deliveries from outside, newest first",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_deliveries,
        answer=list[DeliveryRow],
    ),
    Operation(
        name="list_unknown_centers",
        method="GET",
        path="/deliveries/unknown-centers/",
        summary="List the unrecognised center names that deliveries wait for",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_unknown_centers,
        answer=list[UnknownCenter],
    ),
    Operation(
        name="match_center",
        method="POST",
        path="/deliveries/unknown-centers/",
        summary="Match a name to a center, and retry the deliveries that waited for it",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=match_center,
        answer=Reopened,
        errors=(CenterNotFound, center_aliases.CenterKnown, center_aliases.CenterArchived),
    ),
    Operation(
        name="show_intake_health",
        method="GET",
        path="/deliveries/health",
        summary="Show the health of the intake: what waits, what failed, which forms are silent",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=show_intake_health,
        answer=IntakeHealth,
    ),
    Operation(
        name="show_delivery",
        method="GET",
        path="/deliveries/{id}",
        summary="Show a delivery with its raw body",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=show_delivery,
        answer=DeliveryOut,
        errors=(DeliveryNotFound,),
    ),
    Operation(
        name="retry_delivery",
        method="POST",
        path="/deliveries/{id}/retry",
        summary="Retry a delivery, or all that are open for the same reason",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=retry_delivery,
        answer=Reopened,
        errors=(DeliveryNotFound, Conflict),
    ),
    Operation(
        name="dismiss_delivery",
        method="POST",
        path="/deliveries/{id}/dismiss",
        summary="Dismiss a delivery, with a reason that is kept",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=dismiss_delivery,
        answer=Updated,
        errors=(DeliveryNotFound, Conflict),
    ),
    Operation(
        name="place_delivery",
        method="POST",
        path="/deliveries/{id}/place",
        summary="Place a delivery at a center, or all of its form that name none",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=place_delivery,
        answer=Reopened,
        errors=(DeliveryNotFound, CenterNotFound, Conflict),
    ),
    Operation(
        name="list_forms",
        method="GET",
        path="/forms/",
        summary="List Meta's forms, and which field each question fills",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_forms,
        answer=list[FormOut],
    ),
    Operation(
        name="map_form",
        method="PUT",
        path="/forms/{id}",
        summary="Map the questions of a form to fields, and retry its open deliveries",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=map_form,
        answer=FormOut,
        errors=(FormNotFound,),
    ),
    Operation(
        name="set_form_center",
        method="PUT",
        path="/forms/{id}/center",
        summary="Set the center for a form's leads that don't name one",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=set_form_center,
        answer=FormOut,
        errors=(FormNotFound, CenterNotFound, center_aliases.CenterArchived),
    ),
    Operation(
        name="list_pages",
        method="GET",
        path="/pages/",
        summary="List the pages on Facebook that leads have come from, with their centers",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_pages,
        answer=list[PageOut],
    ),
    Operation(
        name="set_page_center",
        method="PUT",
        path="/pages/{id}/center",
        summary="Set the center for a page's leads if neither they nor their forms have one",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=set_page_center,
        answer=PageOut,
        errors=(PageNotFound, CenterNotFound, center_aliases.CenterArchived),
    ),
)
