"""People who can sign in."""

from backend.api.operation import TEAM_LEAD, Body, Call, Operation, Unit
from backend.core import users
from backend.core.accounts import confirmation
from backend.core.audit import Event, Subject
from backend.core.calling.rules import Standard
from backend.core.errors import EmailTaken, TooManyAttempts, UserNotFound
from backend.core.leads import leaving
from backend.schemas.leads import Changed
from backend.schemas.owners import ChangedUser, Colleagues
from backend.schemas.users import NewUser, UserChange, UserId, UserOut


def list_users(call: Call) -> list[UserOut]:
    return users.list_all(call.session)


def create_user(call: Call[None, None, NewUser]) -> dict[str, str]:
    new = call.body
    with call.db.read() as session:
        words = users.known_words(session, new.full_name)
    hashed = users.hash_new(new.password, new.email, words)
    with call.db.write() as session:
        users.create(session, new, hashed, call.person.id)
    return {"status": "User created successfully"}


def change_user(call: Call[UserId, None, UserChange]) -> ChangedUser:
    change = call.body
    with call.db.read() as session:
        user = users.show(session, call.path.id)
        words = users.known_words(session, change.full_name or user["full_name"])
    hashed = None
    email = change.email or user["email"]
    if change.password is not None:
        users.check_password(change.password, email, words)
    is_new_role = change.role not in (None, user["role"])
    if change.password is not None or is_new_role or email != user["email"]:
        confirmation.confirm(call.db, call.settings, call.person.id, change.current_password)
    if change.password is not None:
        hashed = users.hash_new(change.password, email, words)
    with call.db.write() as session:
        user = users.change(session, call.settings, call.person, call.path.id, change, hashed)
        by_rule = Standard.of(call.settings) if change.leads_by_rule else None
        to = change.leads_to or ()
        released = leaving.release(session, call.person, user["id"], to, by_rule)
        return {**user, "released": released}


def reassign_leads(call: Call[UserId, None, Colleagues]) -> Changed:
    by_rule = Standard.of(call.settings) if call.body.by_rule else None
    return leaving.reassign(call.session, call.person, call.path.id, call.body.owner_ids, by_rule)


def unlock_user(call: Call[UserId]) -> dict[str, str]:
    users.unlock(call.session, call.path.id)
    call.record(Event.USER_UNLOCKED, Subject.USER, call.path.id)
    return {"status": "unlocked"}


OPERATIONS = (
    Operation(
        name="list_users",
        method="GET",
        path="/users/",
        summary="List the users",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=list_users,
        answer=list[UserOut],
    ),
    Operation(
        name="create_user",
        method="POST",
        path="/users/",
        summary="Add a user",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=create_user,
        answer=dict[str, str],
        errors=(EmailTaken,),
    ),
    Operation(
        name="change_user",
        method="PATCH",
        path="/users/{id}",
        summary="Change a user's name, email, role, centers or password, or disable the account",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=change_user,
        answer=ChangedUser,
        errors=(UserNotFound, TooManyAttempts, EmailTaken),
    ),
    Operation(
        name="reassign_leads",
        method="POST",
        path="/users/{id}/reassign-leads",
        summary="Give a person's open leads to others, or to the queues of their centers",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=reassign_leads,
        answer=Changed,
        errors=(UserNotFound,),
    ),
    Operation(
        name="unlock_user",
        method="POST",
        path="/users/{id}/unlock",
        summary="Let a person try their password again, after too many attempts",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        handler=unlock_user,
        answer=dict[str, str],
        errors=(UserNotFound,),
    ),
)
