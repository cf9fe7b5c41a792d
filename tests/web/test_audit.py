"""The web app knows every event of the audit trail."""

import re

from backend.core.audit.events import Event
from tests.web.app import source


def test_every_event_can_be_filtered_and_has_a_text() -> None:
    code, texts = source("settings/audit-events.js"), source("texts/en.js")
    listed = re.search(r"EVENTS = \[(.*?)\]", code, re.DOTALL)
    assert listed is not None
    events = re.findall(r'"(\w+)"', listed[1])
    assert events == [event.value for event in Event]
    assert re.findall(r'"audit_event\.(\w+)"', texts) == events
