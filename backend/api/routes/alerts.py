"""Alerts of a person, and the outbox of what is to be told."""

from backend.api.operation import EDITORS, SIGNED_IN, TEAM_LEAD, Body, Call, Operation, Unit
from backend.core import summaries
from backend.core.alerts import browsers, inbox
from backend.core.audit import Event, Subject
from backend.core.errors import Conflict
from backend.core.outbox import messages
from backend.core.outbox.messages import MessageNotFound
from backend.schemas.alerts import (
    AlertFilter,
    AlertOut,
    AlertSettings,
    AlertSettingsChange,
    Browser,
    BrowserEndpoint,
    PushKey,
    SeenAlerts,
    Unseen,
)
from backend.schemas.leads import Updated
from backend.schemas.outbox import MessageFilter, MessageId, MessageRow


def count_unseen_alerts(call: Call) -> Unseen:
    return inbox.unseen(call.session, call.person)


def list_alerts(call: Call[None, AlertFilter]) -> list[AlertOut]:
    return inbox.list_page(call.session, call.person, call.query)


def see_alerts(call: Call[None, None, SeenAlerts]) -> Unseen:
    return inbox.mark_seen(call.session, call.person, call.body.ids)


def show_alert_settings(call: Call) -> AlertSettings:
    return summaries.show_settings(call.session, call.person, call.settings)


def change_alert_settings(call: Call[None, None, AlertSettingsChange]) -> AlertSettings:
    summaries.change_settings(call.session, call.person, call.body)
    return summaries.show_settings(call.session, call.person, call.settings)


def show_push_key(call: Call) -> PushKey:
    return browsers.key(call.settings)


def add_my_browser(call: Call[None, None, Browser]) -> Updated:
    browsers.add(call.session, call.person, call.body)
    return {"status": "updated"}


def remove_my_browser(call: Call[None, None, BrowserEndpoint]) -> Updated:
    browsers.remove(call.session, call.person, call.body.endpoint)
    return {"status": "updated"}


def list_outbox(call: Call[None, MessageFilter]) -> list[MessageRow]:
    return messages.list_page(call.session, call.query)


def retry_message(call: Call[MessageId]) -> Updated:
    messages.retry(call.session, call.path.id)
    call.record(Event.MESSAGE_RETRIED, Subject.MESSAGE, call.path.id)
    call.after_commit(call.wake)
    return {"status": "updated"}


def dismiss_message(call: Call[MessageId]) -> Updated:
    messages.dismiss(call.session, call.person, call.path.id)
    call.record(Event.MESSAGE_DISMISSED, Subject.MESSAGE, call.path.id)
    return {"status": "updated"}


OPERATIONS = (
    Operation(
        name="count_unseen_alerts",
        method="GET",
        path="/alerts/unseen",
        summary="Count the alerts you haven't seen; this doesn't count as a use of the session",
        access=SIGNED_IN,
        unit=Unit.READ,
        counts_as_use=False,
        handler=count_unseen_alerts,
        answer=Unseen,
    ),
    Operation(
        name="list_alerts",
        method="GET",
        path="/alerts/",
        summary="List your alerts, newest first",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=list_alerts,
        answer=list[AlertOut],
    ),
    Operation(
        name="see_alerts",
        method="POST",
        path="/alerts/seen",
        summary="Mark some or all of your alerts as seen",
        access=SIGNED_IN,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=see_alerts,
        answer=Unseen,
    ),
    Operation(
        name="show_alert_settings",
        method="GET",
        path="/users/me/alerts",
        summary="Show whether you get summaries by email",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=show_alert_settings,
        answer=AlertSettings,
    ),
    Operation(
        name="change_alert_settings",
        method="PATCH",
        path="/users/me/alerts",
        summary="Turn summaries by email on or off",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=change_alert_settings,
        answer=AlertSettings,
    ),
    Operation(
        name="show_push_key",
        method="GET",
        path="/users/me/push",
        summary="Show the key with which a browser subscribes to your alerts",
        access=EDITORS,
        unit=Unit.NONE,
        handler=show_push_key,
        answer=PushKey,
    ),
    Operation(
        name="add_my_browser",
        method="POST",
        path="/users/me/push",
        summary="Show your alerts in a browser, until your session ends",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=add_my_browser,
        answer=Updated,
    ),
    Operation(
        name="remove_my_browser",
        method="POST",
        path="/users/me/push/remove",
        summary="Stop showing your alerts in a browser",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=remove_my_browser,
        answer=Updated,
    ),
    Operation(
        name="list_outbox",
        method="GET",
        path="/outbox/",
        summary="List the messages that are to be told or sent, newest first",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_outbox,
        answer=list[MessageRow],
    ),
    Operation(
        name="retry_message",
        method="POST",
        path="/outbox/{id}/retry",
        summary="Retry a message that is waiting or has failed",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=retry_message,
        answer=Updated,
        errors=(MessageNotFound, Conflict),
    ),
    Operation(
        name="dismiss_message",
        method="POST",
        path="/outbox/{id}/dismiss",
        summary="Dismiss a message that is waiting or has failed",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=dismiss_message,
        answer=Updated,
        errors=(MessageNotFound, Conflict),
    ),
)
