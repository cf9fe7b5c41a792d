"""Who may do what: every operation of the table, for everybody who may come along."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jwt
import pytest
from sqlalchemy import text

from backend.api.routes import OPERATIONS
from backend.core import times
from backend.core.intake import deliveries
from backend.models import Center, CenterAlias, Form, Page
from tests.core.alerts.test_web_push import AUTH, PUBLIC
from tests.dump import dump
from tests.operations import kind_of
from tests.servers import Client, Upload
from tests.waiting import PATIENCE
from tests.world import (
    DISABLED,
    LEAD,
    LEAD_OF_GACHIBOWLI,
    MEMBER,
    OBSERVER,
    OTHER_MEMBER,
    PASSWORD,
    SECRET_KEY,
    World,
)

OPEN = (200, 200, 200, 200, 200)
FOR_LEADS = (401, 403, 403, 403, 200)
FOR_ALL = (401, 200, 200, 200, 200)
NO_OBSERVER = (401, 403, 200, 200, 200)
NO_EXPORT = "Observers can't export leads here. Ask a team lead for the file"
# What each of them is answered. The stranger stands for everybody without a good token.
# What each caller's password becomes: the first thing that they do.
CHANGED = "another seven hills"
CALLERS = (None, OBSERVER, OTHER_MEMBER, MEMBER, LEAD)

SHEET = b"phone,_which_is_the_nearest_tofa_center_to_you?\n9848000009,TOFA Tellapur\n"
MADE = {
    "id": "eA", "rawId": "eA", "type": "public-key",
    "response": {"clientDataJSON": "eA", "attestationObject": "eA"},
}  # fmt: skip
SIGNED = MADE | {
    "response": {
        "clientDataJSON": "eA", "authenticatorData": "eA", "signature": "eA", "userHandle": "eA",
    }
}  # fmt: skip
BROWSER = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/x",
    "keys": {"p256dh": PUBLIC, "auth": AUTH},
}
USER = {"password": PASSWORD, "full_name": "New", "role": "observer", "center_ids": [1]}


@dataclass(frozen=True)
class Row:
    """A request that would go through, and its status for each of CALLERS."""

    path: str
    statuses: tuple[int, int, int, int, int]
    sent: dict[str, Any] = field(default_factory=dict)
    refusal: str = "Not authorized"


# An operation that is not named here fails the test: say who may call it.
TABLE = {
    "sign_in": Row("/token", OPEN, {"form": {"username": LEAD, "password": PASSWORD}}),
    "list_users": Row("/users/", (401, 403, 403, 403, 200)),
    "create_user": Row(
        "/users/", (401, 403, 403, 403, 200), {"json": {"email": "new@tofa.example", **USER}}
    ),
    "show_me": Row("/users/me", (401, 200, 200, 200, 200)),
    "change_my_password": Row(
        "/users/me/password",
        (401, 200, 200, 200, 200),
        {"json": {"current_password": PASSWORD, "password": CHANGED}},
    ),
    "sign_out": Row("/users/me/sign-out", FOR_ALL),
    "check_session": Row("/users/me/session", FOR_ALL),
    "list_my_sessions": Row("/users/me/sessions", FOR_ALL),
    # Nobody has a session here: the tokens are made without one.
    "end_session": Row("/sessions/1", (401, 404, 404, 404, 404)),
    "end_my_other_sessions": Row("/users/me/sessions", FOR_ALL),
    "list_sessions": Row("/users/3/sessions", FOR_LEADS),
    "end_sessions": Row("/users/3/sessions", FOR_LEADS),
    "invite_user": Row(
        "/users/invitations",
        FOR_LEADS,
        {"json": {**USER, "email": "invited@tofa.example"}},
    ),
    # The password that was changed above.
    "make_password_link": Row(
        "/users/3/password-link", FOR_LEADS, {"json": {"current_password": CHANGED}}
    ),
    # Nobody has a link.
    "show_password_link": Row("/password-links/show", (404,) * 5, {"json": {"link": "x"}}),
    "use_password_link": Row(
        "/password-links/use", (404,) * 5, {"json": {"link": "x", "password": PASSWORD}}
    ),
    "show_my_factor": Row("/users/me/second-factor", FOR_ALL),
    "begin_my_factor": Row(
        "/users/me/second-factor", FOR_ALL, {"json": {"current_password": CHANGED}}
    ),
    "confirm_my_factor": Row(
        "/users/me/second-factor/confirm", (401, 422, 422, 422, 422), {"json": {"code": "x"}}
    ),
    "remove_my_factor": Row(
        "/users/me/second-factor/remove",
        FOR_ALL,
        {"json": {"current_password": CHANGED}},
    ),
    "renew_my_codes": Row(
        "/users/me/second-factor/recovery-codes",
        (401, 409, 409, 409, 409),
        {"json": {"current_password": CHANGED}},
    ),
    "remove_factor": Row(
        "/users/3/second-factor/remove",
        FOR_LEADS,
        {"json": {"current_password": CHANGED}},
    ),
    "list_my_passkeys": Row("/users/me/passkeys", FOR_ALL),
    "begin_my_passkey": Row(
        "/users/me/passkeys/options", FOR_ALL, {"json": {"current_password": CHANGED}}
    ),
    # Nobody has one.
    "add_my_passkey": Row(
        "/users/me/passkeys",
        (401, 409, 409, 409, 409),
        {"json": {"label": "x", "credential": MADE}},
    ),
    "rename_my_passkey": Row(
        "/users/me/passkeys/1", (401, 404, 404, 404, 404), {"json": {"label": "x"}}
    ),
    "remove_my_passkey": Row(
        "/users/me/passkeys/1/remove",
        (401, 404, 404, 404, 404),
        {"json": {"current_password": CHANGED}},
    ),
    "begin_passkey_sign_in": Row("/token/passkey/options", OPEN),
    "sign_in_with_passkey": Row("/token/passkey", (400,) * 5, {"json": {"credential": SIGNED}}),
    "unlock_user": Row("/users/3/unlock", FOR_LEADS),
    "change_user": Row("/users/3", (401, 403, 403, 403, 200), {"json": {"full_name": "Renamed"}}),
    "reassign_leads": Row("/users/3/reassign-leads", FOR_LEADS, {"json": {"owner_ids": []}}),
    "list_centers": Row("/centers/", OPEN),
    "create_center": Row(
        "/centers/",
        (401, 403, 403, 403, 200),
        {"json": {"display_name": "Kompally", "meta_tag_name": "TOFA Kompally", "city": "H"}},
    ),
    "list_my_leads": Row("/leads/my_leads", (401, 200, 200, 200, 200)),
    "change_center": Row("/centers/1", FOR_LEADS, {"json": {"city": "Hyderabad"}}),
    "list_aliases": Row("/centers/1/aliases", FOR_LEADS),
    "add_alias": Row("/centers/1/aliases", FOR_LEADS, {"json": {"text": "Tella"}}),
    "remove_alias": Row("/centers/1/aliases?text=Tella", FOR_LEADS),
    "list_all_aliases": Row("/centers/aliases/", FOR_LEADS),
    "show_alias_use": Row("/centers/1/aliases/use?text=Tella%20(old)", FOR_LEADS),
    "revert_alias": Row(
        "/centers/1/aliases/revert", FOR_LEADS, {"json": {"text": "Tella (old)", "center_id": 2}}
    ),
    "show_center_use": Row("/centers/1/use", FOR_LEADS),
    "archive_center": Row("/centers/2/archive", FOR_LEADS),
    "restore_center": Row("/centers/2/restore", FOR_LEADS),
    # The fourth is an old one of the academy's.
    "merge_center": Row("/centers/4/merge", FOR_LEADS, {"json": {"into_id": 1}}),
    "list_center_changes": Row("/centers/changes/", FOR_LEADS),
    # The alias above is the first change.
    "undo_center_change": Row("/centers/changes/1/undo", FOR_LEADS),
    "list_leads": Row("/leads/?status=New&q=zo", FOR_ALL),
    "create_lead": Row(
        "/leads/",
        (401, 403, 404, 200, 200),
        {"json": {"player_name": "Tara", "phone": "9848000077", "center_id": 1}},
    ),
    "export_leads_csv": Row("/leads/export.csv?status=New", NO_OBSERVER, refusal=NO_EXPORT),
    "export_leads_xlsx": Row("/leads/export.xlsx", NO_OBSERVER, refusal=NO_EXPORT),
    "export_some_leads_csv": Row(
        "/leads/export.csv", NO_OBSERVER, {"json": {"ids": [1, 2]}}, refusal=NO_EXPORT
    ),
    "export_some_leads_xlsx": Row(
        "/leads/export.xlsx", NO_OBSERVER, {"json": {"ids": [1, 2]}}, refusal=NO_EXPORT
    ),
    "list_next_leads": Row("/leads/next", FOR_ALL),
    "check_phone": Row("/leads/phone-check?phone=98480", FOR_ALL),
    "list_filter_options": Row("/leads/filter-options", FOR_ALL),
    "count_leads": Row("/leads/counts", FOR_ALL),
    "change_leads": Row(
        "/leads/bulk", (401, 403, 200, 200, 200), {"json": {"ids": [1], "status": "Called"}}
    ),
    # Each undoes their own; that of the member of Gachibowli has changed nothing.
    "undo_change": Row("/leads/bulk/1/undo", (401, 403, 404, 200, 200)),
    "total_leads": Row("/leads/total?status=New", FOR_ALL),
    "begin_list_change": Row(
        "/list-changes/", NO_OBSERVER, {"json": {"filter": "", "status": "Called"}}
    ),
    "list_list_changes": Row("/list-changes/", NO_OBSERVER),
    # Each person's own.
    "show_list_change": Row("/list-changes/1", (401, 403, 200, 200, 200)),
    "undo_list_change": Row("/list-changes/1/undo", (401, 403, 200, 200, 200)),
    "list_views": Row("/saved-views/", FOR_ALL),
    "count_views": Row("/saved-views/counts", FOR_ALL),
    "create_view": Row(
        "/saved-views/", NO_OBSERVER, {"json": {"name": "New ones", "query": "status=New"}}
    ),
    "change_view": Row("/saved-views/1", NO_OBSERVER, {"json": {"name": "New"}}),
    "remove_view": Row("/saved-views/1", NO_OBSERVER),
    "show_lead": Row("/leads/1", (401, 200, 404, 200, 200)),
    "edit_lead": Row("/leads/1", (401, 403, 404, 200, 200), {"json": {"address": "2 Road"}}),
    "list_calls": Row("/leads/1/calls/", (401, 200, 404, 200, 200)),
    "record_call": Row(
        "/leads/1/calls/", (401, 403, 404, 200, 200), {"json": {"outcome": "no_answer"}}
    ),
    # Each undoes the one that they have just recorded.
    "undo_call": Row("/leads/1/calls/1/undo", (401, 403, 404, 200, 200)),
    "list_actions": Row("/actions/", NO_OBSERVER),
    # The change of the address above.
    "undo_edit": Row("/leads/1/edits/1/undo", (401, 403, 404, 200, 200)),
    "list_owners": Row("/leads/owners", FOR_ALL),
    "claim_lead": Row("/leads/1/claim", (401, 403, 404, 200, 200)),
    "release_lead": Row("/leads/1/claim", NO_OBSERVER),
    "list_message_texts": Row("/message-texts/", NO_OBSERVER),
    "create_message_text": Row(
        "/message-texts/", FOR_LEADS, {"json": {"label": "Reminder", "message": "Hi {name}"}}
    ),
    # The one that was just added.
    "change_message_text": Row("/message-texts/1", FOR_LEADS, {"json": {"status": "New"}}),
    "archive_message_text": Row("/message-texts/1/archive", FOR_LEADS),
    "restore_message_text": Row("/message-texts/1/restore", FOR_LEADS),
    "show_calling_rules": Row("/calling-rules/", NO_OBSERVER),
    "change_calling_rules": Row("/calling-rules/", FOR_LEADS, {"json": {"retry_plan": ["1h"]}}),
    "change_rules_of_center": Row(
        "/centers/1/calling-rules", FOR_LEADS, {"json": {"retry_plan": ["1h"]}}
    ),
    "add_holiday": Row(
        "/holidays/", FOR_LEADS, {"json": {"label": "Diwali", "first_day": "2026-11-08"}}
    ),
    "remove_holiday": Row("/holidays/1", FOR_LEADS),
    "list_choices": Row("/choices/", FOR_ALL),
    "add_choice": Row("/choices/", FOR_LEADS, {"json": {"kind": "source", "text": "Walk-in"}}),
    # The one that was just added.
    "change_choice": Row("/choices/1", FOR_LEADS, {"json": {"text": "Walked in"}}),
    "count_leads_with": Row("/choices/leads?kind=source&was=Walk-in", FOR_LEADS),
    "rename_on_leads": Row("/choices/1/leads", FOR_LEADS, {"json": {"was": "Walk-in"}}),
    "order_choices": Row("/choices/order", FOR_LEADS, {"json": {"kind": "source", "ids": [1]}}),
    "set_own_choices": Row(
        "/choices/own", FOR_LEADS, {"json": {"kind": "lost_reason", "own": True}}
    ),
    "remove_choice": Row("/choices/1", FOR_LEADS),
    "list_openings": Row("/opening-hours/?center_id=1", NO_OBSERVER),
    "list_presence": Row("/presence/", NO_OBSERVER),
    "show_my_presence": Row("/presence/me", NO_OBSERVER),
    "set_me_away": Row("/presence/me", NO_OBSERVER, {"json": {"away": True}}),
    "change_my_hours": Row("/presence/me", NO_OBSERVER, {"json": {"week": None}}),
    "show_presence": Row("/users/3/presence", FOR_LEADS),
    "change_hours": Row("/users/3/presence", FOR_LEADS, {"json": {"week": None}}),
    # The member of Tellapur's own, which only they and team leads remove.
    "add_leave": Row(
        "/leave/",
        (401, 403, 403, 200, 200),
        {"json": {"first_day": "2026-11-08", "user_id": 2}},
    ),
    "remove_leave": Row("/leave/1", (401, 403, 404, 200, 200)),
    "list_assignment_rules": Row("/assignment-rules/", FOR_LEADS),
    "add_assignment_rule": Row(
        "/assignment-rules/", FOR_LEADS, {"json": {"center_id": 1, "shares": [{"user_id": 2}]}}
    ),
    "order_assignment_rules": Row(
        "/assignment-rules/order", FOR_LEADS, {"json": {"center_id": 1, "rule_ids": [1]}}
    ),
    # The one that was just added.
    "change_assignment_rule": Row("/assignment-rules/1", FOR_LEADS, {"json": {"active": False}}),
    "remove_assignment_rule": Row("/assignment-rules/1", FOR_LEADS),
    "list_texts_of_lead": Row("/leads/1/message-texts/", (401, 403, 404, 200, 200)),
    "list_history": Row("/leads/1/history", (401, 200, 404, 200, 200)),
    "show_report": Row("/reports/", FOR_ALL),
    "show_live": Row("/reports/live", FOR_LEADS),
    "show_people": Row("/reports/people", FOR_ALL),
    "export_people_csv": Row("/reports/people.csv", NO_OBSERVER, refusal=NO_EXPORT),
    "export_people_xlsx": Row("/reports/people.xlsx", NO_OBSERVER, refusal=NO_EXPORT),
    "show_onboarding": Row("/onboarding/", FOR_LEADS),
    "check_meta": Row("/onboarding/meta-check", FOR_LEADS),
    # Tellapur's, so the member of Gachibowli is told that there is no such lead.
    "update_lead": Row("/leads/1?status=Called&comment=Hi", (401, 403, 404, 200, 200)),
    "upload_leads": Row(
        "/leads/upload/",
        (401, 403, 403, 403, 200),
        {"file": Upload("leads.csv", SHEET)},
        "Only Team Leads can import data",
    ),
    # The upload above is the first import, the plan here the second.
    "plan_import": Row("/imports/", FOR_LEADS, {"file": Upload("leads.csv", SHEET)}),
    "list_imports": Row("/imports/", FOR_LEADS),
    "show_import": Row("/imports/2", FOR_LEADS),
    "list_import_rows": Row("/imports/2/rows", FOR_LEADS),
    "commit_import": Row("/imports/2/commit", FOR_LEADS),
    "list_import_errors": Row("/imports/2/errors.csv", FOR_LEADS),
    "preview_undo": Row("/imports/2/undo", FOR_LEADS),
    "undo_import": Row("/imports/2/undo", FOR_LEADS),
    "shake_hands": Row("/leads/meta-webhook/?hub.mode=subscribe", (403, 403, 403, 403, 403)),
    "list_duplicates": Row("/leads/duplicates/", (401, 403, 200, 200, 200)),
    "mark_not_duplicates": Row(
        "/leads/duplicates/", (401, 403, 404, 404, 200), {"json": {"first_id": 1, "second_id": 2}}
    ),
    # The two leads are at two centers. The team lead alone sees both, and there is no merge.
    "preview_merge": Row("/leads/1/merge?other_id=2", (401, 403, 404, 404, 200)),
    "merge_leads": Row(
        "/leads/1/merge",
        (401, 403, 404, 404, 412),
        {"json": {"other_id": 2, "version": 999_999, "other_version": 0}},
    ),
    "undo_merge": Row("/leads/merges/1/undo", (401, 403, 404, 404, 404)),
    "export_person_json": Row("/leads/2/data.json", FOR_LEADS),
    "export_person_csv": Row("/leads/2/data.csv", FOR_LEADS),
    "erase_lead": Row("/leads/2/erase", FOR_LEADS, {"json": {"at_once": False}}),
    "list_erasures": Row("/erasures/", FOR_LEADS),
    "destroy_erased": Row("/erasures/99/destroy", (401, 403, 403, 403, 404)),
    "set_contact": Row(
        "/leads/1/contact", (401, 403, 404, 200, 200), {"json": {"do_not_contact": True}}
    ),
    "add_consent": Row(
        "/leads/1/consents",
        (401, 403, 404, 200, 200),
        {"json": {"key": "photos", "text": "You may take photos", "channel": "paper"}},
    ),
    "withdraw_consents": Row("/leads/1/consents/withdraw", (401, 403, 404, 200, 200)),
    "withdraw_consent": Row("/leads/1/consents/99/withdraw", (401, 403, 404, 404, 404)),
    "count_unseen_alerts": Row("/alerts/unseen", FOR_ALL),
    "list_alerts": Row("/alerts/", FOR_ALL),
    "see_alerts": Row("/alerts/seen", FOR_ALL, {"json": {}}),
    "show_alert_settings": Row("/users/me/alerts", FOR_ALL),
    "change_alert_settings": Row("/users/me/alerts", NO_OBSERVER, {"json": {"summaries": True}}),
    "show_push_key": Row("/users/me/push", NO_OBSERVER),
    "add_my_browser": Row("/users/me/push", NO_OBSERVER, {"json": BROWSER}),
    "remove_my_browser": Row(
        "/users/me/push/remove", NO_OBSERVER, {"json": {"endpoint": "https://x.example"}}
    ),
    "list_outbox": Row("/outbox/", FOR_LEADS),
    # What a lead that was added above is announced with.
    "retry_message": Row("/outbox/1/retry", FOR_LEADS),
    "dismiss_message": Row("/outbox/1/dismiss", FOR_LEADS),
    "list_deliveries": Row("/deliveries/", FOR_LEADS),
    "list_unknown_centers": Row("/deliveries/unknown-centers/", FOR_LEADS),
    "match_center": Row(
        "/deliveries/unknown-centers/", FOR_LEADS, {"json": {"text": "Mars", "center_id": 1}}
    ),
    "show_delivery": Row("/deliveries/1", FOR_LEADS),
    "retry_delivery": Row("/deliveries/1/retry", FOR_LEADS),
    "dismiss_delivery": Row("/deliveries/2/dismiss", FOR_LEADS, {"json": {"reason": "A joke"}}),
    "place_delivery": Row("/deliveries/3/place", FOR_LEADS, {"json": {"center_id": 1}}),
    "show_intake_health": Row("/deliveries/health", FOR_LEADS),
    "show_alive": Row("/healthz", OPEN),
    "show_ready": Row("/readyz", OPEN),
    # There is no token for them.
    "show_metrics": Row("/metrics", (404, 404, 404, 404, 404)),
    "list_forms": Row("/forms/", FOR_LEADS),
    "map_form": Row("/forms/7", FOR_LEADS, {"json": {"mapping": {"whose": "player_name"}}}),
    "set_form_center": Row("/forms/7/center", FOR_LEADS, {"json": {"center_id": 1}}),
    "list_pages": Row("/pages/", FOR_LEADS),
    "set_page_center": Row("/pages/8/center", FOR_LEADS, {"json": {"center_id": None}}),
    "receive_lead": Row(
        "/leads/meta-webhook/",
        OPEN,
        {"json": {"phone_number": "9848000008", "nearest_center": "TOFA Tellapur"}},
    ),
    "list_audit_events": Row("/audit/?event=signed_in", FOR_LEADS),
    "home": Row("/", OPEN),
    "service_worker": Row("/sw.js", OPEN),
    "page_file": Row("/web/app.js", OPEN),
    "openapi_document": Row("/openapi.json", OPEN),
    "docs_page": Row("/docs", OPEN),
    "docs_file": Row("/docs/start.js", OPEN),
}


@pytest.fixture
def waiting_deliveries(world: World) -> None:
    """Some that wait, a form and a page of Meta's, an alias, and an old center."""
    with world.db.write() as session:
        for reason in ("no_phone", "no_phone", "no_center"):
            deliveries.keep(session, "webhook", "{}", state="waiting", reason=reason)
        session.add(Form(id="7", questions=["whose"], mapping={}))
        session.add(Page(id="8"))
        session.add(Center(id=4, display_name="Old", meta_tag_name="TOFA Old", city=""))
        session.add(
            CenterAlias(key="tella (old", text="Tella (old)", center_id=1, created_at=times.now())
        )


def test_the_table_names_every_operation() -> None:
    assert {operation.name for operation in OPERATIONS} == set(TABLE)


# Who may call is decided by the core. Those who may do most execute all statements, so they come by
# each server and on each database; the others by one.
BY = [
    *(("fastapi", "sqlite", caller) for caller in CALLERS),
    *(("flask", "postgresql", caller) for caller in CALLERS[3:]),
]


@pytest.mark.parametrize(
    ("adapter", "database", "caller"),
    BY,
    ids=[f"{adapter}-{caller or 'stranger'}" for adapter, _, caller in BY],
    indirect=["database"],
)
@pytest.mark.slow
def test_who_may_do_what(
    client: Client, world: World, waiting_deliveries: None, caller: str | None
) -> None:
    before, refused = dump(world.db), list[str]()
    for operation in OPERATIONS:
        row = TABLE[operation.name]
        expected = row.statuses[CALLERS.index(caller)]
        changes = operation.method != "GET" and expected < 400
        if changes and refused:
            # Once for all since the last change: none of them may have left anything.
            assert dump(world.db) == before, refused
        token = world.token(caller) if caller else None
        answer = client.request(operation.method, row.path, token=token, **row.sent)
        assert answer.status == expected, (operation.name, answer.body)
        if expected == 403:
            assert answer.json() == {"detail": row.refusal}
        if changes:
            before, refused = dump(world.db), []
        else:
            refused.append(operation.name)
    assert dump(world.db) == before, refused


def test_an_observer_changes_nothing_but_their_own_sign_in() -> None:
    """What the statuses above say, and no slip of the table takes away."""
    changing = {o.name for o in OPERATIONS if o.method != "GET" and o.access.signed_in}
    allowed = {name for name in changing if TABLE[name].statuses[CALLERS.index(OBSERVER)] != 403}
    own = {"change_my_password", "sign_out", "end_session", "end_my_other_sessions"}
    own |= {"begin_my_factor", "confirm_my_factor", "remove_my_factor", "renew_my_codes"}
    own |= {f"{verb}_my_passkey" for verb in ("begin", "add", "rename", "remove")}
    own |= {"see_alerts"}
    assert allowed == own


def claims(**changed: Any) -> dict[str, Any]:
    """The claims of the team lead's token, changed; None leaves one out."""
    now = times.now()
    good = {"sub": LEAD, "role": "team_lead", "iat": now, "exp": now + timedelta(hours=1), "ver": 0}
    return {name: value for name, value in (good | changed).items() if value is not None}


def signed(key: str = SECRET_KEY, algorithm: str = "HS256", **changed: Any) -> str:
    return jwt.encode(claims(**changed), key, algorithm)


def tampered(token: str) -> str:
    """One character in the midst of the signature changed."""
    head, body, signature = token.split(".")
    other = "A" if signature[20] != "A" else "B"
    return f"{head}.{body}.{signature[:20]}{other}{signature[21:]}"


def bad_tokens(world: World) -> dict[str, str]:
    """Authorization headers that nobody should get in with."""
    now, good = times.now(), world.token(LEAD)
    head, _, signature = good.split(".")
    with world.db.write() as session:
        session.connection().execute(
            text(
                'INSERT INTO "user" (id, email, email_key, hashed_password, full_name, role)'
                " VALUES (99, 'left@tofa.example', 'left@tofa.example', 'x', 'Left', 'team_lead')"
            )
        )
    deleted = world.token("left@tofa.example")
    with world.db.write() as session:
        session.connection().execute(text('DELETE FROM "user" WHERE id = 99'))
    tokens = {
        "garbage": "garbage",
        "three pieces of garbage": "a.b.c",
        "expired": signed(iat=now - timedelta(hours=2), exp=now - timedelta(minutes=1)),
        "without exp": signed(exp=None),
        "without sub": signed(sub=None),
        "sub is a number": signed(sub=1),
        "ver is a text": signed(ver="0"),
        "ver is of another time": signed(ver=1),
        "tampered signature": tampered(good),
        "without signature": f"{good.rpartition('.')[0]}.",
        "another's claims": f"{head}.{signed(sub=MEMBER).split('.')[1]}.{signature}",
        "alg none": jwt.encode(claims(), "", "none"),
        "another key": signed("another key that is as long as the right one"),
        "no key": signed(" "),
        "HS512": signed(algorithm="HS512"),
        "disabled": world.token(DISABLED),
        "deleted": deleted,
        "nobody": signed(sub="nobody@tofa.example"),
    }
    return {
        **{name: f"Bearer {token}" for name, token in tokens.items()},
        "no scheme": good,
        "Basic": f"Basic {good}",
        "Bearer alone": "Bearer",
        "two tokens": f"Bearer {good} {good}",
    }


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.slow
def test_bad_tokens(client: Client, world: World) -> None:
    """All of them are answered in the same bytes, whatever is in the body.

    Who sends is looked at before the operation, so one operation of each kind is called with all,
    and each other one with one of them.
    """
    headers = bad_tokens(world)
    before = dump(world.db)
    expected = client.get("/users/me")
    assert expected.body == b'{"detail":"Could not validate credentials"}'
    assert expected.headers["www-authenticate"] == "Bearer"
    seen = set[tuple[object, ...]]()
    for number, operation in enumerate(OPERATIONS):
        row = TABLE[operation.name]
        if row.statuses[0] != 401:
            continue
        kind = kind_of(operation)
        chosen = list(headers.items())
        if kind in seen:
            chosen = [chosen[number % len(chosen)]]
        seen.add(kind)
        for name, header in chosen:
            sent = row.sent or {"body": b'{"broken": '}
            answer = client.request(
                operation.method, row.path, headers={"Authorization": header}, **sent
            )
            assert answer == expected, (operation.name, name)
    assert dump(world.db) == before


def test_a_broken_body_without_a_token(client: Client) -> None:
    json = {"Content-Type": "application/json"}
    for method, path in (("POST", "/users/"), ("PATCH", "/users/x"), ("POST", "/leads/upload/")):
        assert client.request(method, path, body=b"{", headers=json).status == 401
    assert client.put("/leads/x?status=%ff").status == 401


def test_a_large_body_without_a_token_is_not_awaited(client: Client) -> None:
    for method, path in (("POST", "/leads/upload/"), ("POST", "/users/")):
        with socket.create_connection(("127.0.0.1", client.port), timeout=PATIENCE) as connection:
            head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n"
            connection.sendall(head.encode())
            assert connection.recv(64).split()[1] == b"401"


def test_a_lead_of_another_center_is_not_told_of(client: Client, world: World) -> None:
    before = dump(world.db)
    token = world.token(MEMBER)
    for query in ("status=Called", "status=Maybe", "status=Called&next_date=x", "", "status=%00"):
        there = client.put(f"/leads/{LEAD_OF_GACHIBOWLI}?{query}", token=token)
        nowhere = client.put(f"/leads/2000000?{query}", token=token)
        assert there == nowhere, query
        assert there.status in (404, 422)
    assert client.put("/leads/2?status=Called", token=token).json() == {"detail": "Lead not found"}
    assert dump(world.db) == before


def test_the_role_is_read_from_the_database(lead: Client, world: World) -> None:
    claimed = signed(sub=MEMBER)
    assert lead.get("/users/", token=claimed).status == 403
    assert len(lead.get("/leads/my_leads", token=claimed).json()) == 1
    member = world.token(MEMBER)
    assert (
        lead.patch("/users/2", json={"role": "team_lead", "current_password": PASSWORD}).status
        == 200
    )
    assert lead.get("/users/", token=member).status == 200
    assert (
        lead.patch("/users/2", json={"role": "observer", "current_password": PASSWORD}).status
        == 200
    )
    assert lead.put("/leads/1?status=Called", token=member).status == 403


def test_the_centers_are_read_from_the_database(lead: Client, world: World) -> None:
    member = world.token(MEMBER)
    assert lead.patch("/users/2", json={"center_ids": [2]}).status == 200
    assert lead.put("/leads/1?status=Called", token=member).status == 404
    assert lead.put("/leads/2?status=Called", token=member).status == 200
    assert lead.patch("/users/2", json={"center_ids": []}).status == 200
    assert lead.get("/leads/my_leads", token=member).body == b"[]"


def test_a_token_ends_with_its_password(lead: Client, world: World) -> None:
    member, other = world.token(MEMBER), world.token(OTHER_MEMBER)
    assert (
        lead.patch(
            "/users/2", json={"password": "given by the lead", "current_password": PASSWORD}
        ).status
        == 200
    )
    assert lead.get("/users/me", token=member).status == 401

    passwords = {"current_password": PASSWORD, "password": "chosen by the owner"}
    changed = lead.put("/users/me/password", json=passwords, token=other)
    assert lead.get("/users/me", token=other).status == 401
    assert lead.get("/users/me", token=changed.json()["access_token"]).status == 200


def test_a_token_ends_when_the_account_is_disabled(lead: Client, world: World) -> None:
    member = world.token(MEMBER)
    assert lead.patch("/users/2", json={"disabled": True}).status == 200
    assert lead.get("/users/me", token=member).status == 401
    assert lead.post("/token", form={"username": MEMBER, "password": PASSWORD}).status == 400
    assert lead.patch("/users/2", json={"disabled": False}).status == 200
    assert lead.get("/users/me", token=member).status == 401, "it came back to life"
    assert lead.post("/token", form={"username": MEMBER, "password": PASSWORD}).status == 200


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_token_of_another_algorithm(serve: Callable[..., Client], world: World) -> None:
    """The settings say which, and never the token."""
    client = serve(algorithm="HS512")
    assert client.get("/users/me", token=world.token(LEAD)).status == 401
    assert client.get("/users/me", token=signed(algorithm="HS512")).status == 200
