"""Where people are signed in, and signing out: your own sessions, and for team leads anyone's."""

from backend.api.operation import SIGNED_IN, TEAM_LEAD, Call, Operation, Unit
from backend.core import users
from backend.core.accounts import sessions
from backend.core.audit import Event, Subject
from backend.core.errors import SessionNotFound, UserNotFound
from backend.schemas.users import SessionId, SessionOut, UserId

ENDED = {"status": "ended"}


def sign_out(call: Call) -> dict[str, str]:
    if call.person.session_id is not None:
        sessions.end(call.session, call.person, call.person.session_id)
    call.record(Event.SIGNED_OUT, Subject.USER, call.person.id)
    return ENDED


def check_session(_call: Call) -> dict[str, str]:
    return {"status": "open"}


def list_my_sessions(call: Call) -> list[SessionOut]:
    me = call.person
    return sessions.list_of(call.session, call.settings, me.id, me.session_id)


def end_session(call: Call[SessionId]) -> dict[str, str]:
    owner = sessions.end(call.session, call.person, call.path.id)
    call.record(Event.SESSIONS_ENDED, Subject.USER, owner, only=call.path.id)
    return ENDED


def end_my_other_sessions(call: Call) -> dict[str, str]:
    sessions.sign_out_everywhere(call.session, call.person.id, call.person.session_id)
    call.record(Event.SESSIONS_ENDED, Subject.USER, call.person.id)
    return ENDED


def list_sessions(call: Call[UserId]) -> list[SessionOut]:
    users.show(call.session, call.path.id)
    me = call.person
    return sessions.list_of(call.session, call.settings, call.path.id, me.session_id)


def end_sessions(call: Call[UserId]) -> dict[str, str]:
    users.show(call.session, call.path.id)
    sessions.sign_out_everywhere(call.session, call.path.id)
    call.record(Event.SESSIONS_ENDED, Subject.USER, call.path.id)
    return ENDED


OPERATIONS = (
    Operation(
        name="sign_out",
        method="POST",
        path="/users/me/sign-out",
        summary="Sign out: end the session of this token",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.WRITE,
        handler=sign_out,
        answer=dict[str, str],
    ),
    Operation(
        name="check_session",
        method="GET",
        path="/users/me/session",
        summary="Check that the session is still open; this doesn't count as a use of it",
        access=SIGNED_IN,
        before_setup=True,
        counts_as_use=False,
        unit=Unit.READ,
        handler=check_session,
        answer=dict[str, str],
    ),
    Operation(
        name="list_my_sessions",
        method="GET",
        path="/users/me/sessions",
        summary="List where you are signed in",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.READ,
        handler=list_my_sessions,
        answer=list[SessionOut],
    ),
    Operation(
        name="end_session",
        method="DELETE",
        path="/sessions/{id}",
        summary="End a session: one of your own, and for team leads anyone's",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.WRITE,
        handler=end_session,
        answer=dict[str, str],
        errors=(SessionNotFound,),
    ),
    Operation(
        name="end_my_other_sessions",
        method="DELETE",
        path="/users/me/sessions",
        summary="End all your sessions but this one, and all tokens without a session",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.WRITE,
        handler=end_my_other_sessions,
        answer=dict[str, str],
    ),
    Operation(
        name="list_sessions",
        method="GET",
        path="/users/{id}/sessions",
        summary="List where a person is signed in",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_sessions,
        answer=list[SessionOut],
        errors=(UserNotFound,),
    ),
    Operation(
        name="end_sessions",
        method="DELETE",
        path="/users/{id}/sessions",
        summary="Sign a person out everywhere",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=end_sessions,
        answer=dict[str, str],
        errors=(UserNotFound,),
    ),
)
