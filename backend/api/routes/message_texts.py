"""WhatsApp texts: team leads edit them, callers send them."""

from backend.api.operation import EDITORS, TEAM_LEAD, Body, Call, Operation, Unit
from backend.core.audit import Event, Subject
from backend.core.errors import LeadNotFound, MessageTextNotFound
from backend.core.leads import filled_texts, message_texts
from backend.core.leads.message_texts import LabelTaken
from backend.schemas.leads import LeadId
from backend.schemas.message_texts import (
    FilledText,
    MessageTextChange,
    MessageTextId,
    MessageTextOut,
    NewMessageText,
)


def list_message_texts(call: Call) -> list[MessageTextOut]:
    return message_texts.list_all(call.session, call.person)


def create_message_text(call: Call[None, None, NewMessageText]) -> MessageTextOut:
    text = message_texts.create(call.session, call.body)
    call.record(Event.MESSAGE_TEXT_ADDED, Subject.MESSAGE_TEXT, text["id"])
    return text


def change_message_text(call: Call[MessageTextId, None, MessageTextChange]) -> MessageTextOut:
    text = message_texts.change(call.session, call.path.id, call.body)
    fields = sorted(call.body.model_fields_set)
    call.record(Event.MESSAGE_TEXT_CHANGED, Subject.MESSAGE_TEXT, call.path.id, fields=fields)
    return text


def archive_message_text(call: Call[MessageTextId]) -> MessageTextOut:
    text = message_texts.archive(call.session, call.path.id)
    call.record(Event.MESSAGE_TEXT_ARCHIVED, Subject.MESSAGE_TEXT, call.path.id)
    return text


def restore_message_text(call: Call[MessageTextId]) -> MessageTextOut:
    text = message_texts.restore(call.session, call.path.id)
    call.record(Event.MESSAGE_TEXT_RESTORED, Subject.MESSAGE_TEXT, call.path.id)
    return text


def list_texts_of_lead(call: Call[LeadId]) -> list[FilledText]:
    return filled_texts.of_lead(call.session, call.person, call.path.id, call.settings.zone)


OPERATIONS = (
    Operation(
        name="list_message_texts",
        method="GET",
        path="/message-texts/",
        summary="List the WhatsApp texts for all centers and for your own, including archived ones",
        access=EDITORS,
        unit=Unit.READ,
        handler=list_message_texts,
        answer=list[MessageTextOut],
    ),
    Operation(
        name="create_message_text",
        method="POST",
        path="/message-texts/",
        summary="Add a WhatsApp text",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=create_message_text,
        answer=MessageTextOut,
        errors=(LabelTaken,),
    ),
    Operation(
        name="change_message_text",
        method="PATCH",
        path="/message-texts/{id}",
        summary="Change a WhatsApp text",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=change_message_text,
        answer=MessageTextOut,
        errors=(MessageTextNotFound, LabelTaken),
    ),
    Operation(
        name="archive_message_text",
        method="POST",
        path="/message-texts/{id}/archive",
        summary="Archive a WhatsApp text: it's no longer offered, and stays in the history",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=archive_message_text,
        answer=MessageTextOut,
        errors=(MessageTextNotFound,),
    ),
    Operation(
        name="restore_message_text",
        method="POST",
        path="/message-texts/{id}/restore",
        summary="Restore an archived WhatsApp text",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=restore_message_text,
        answer=MessageTextOut,
        errors=(MessageTextNotFound, LabelTaken),
    ),
    Operation(
        name="list_texts_of_lead",
        method="GET",
        path="/leads/{id}/message-texts/",
        summary="List the WhatsApp texts for a lead, with the placeholders filled in",
        access=EDITORS,
        unit=Unit.READ,
        handler=list_texts_of_lead,
        answer=list[FilledText],
        errors=(LeadNotFound,),
    ),
)
