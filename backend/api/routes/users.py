"""People who can sign in."""

from backend.api.operation import TEAM_LEAD, Body, Call, Operation, Unit
from backend.core import users
from backend.core.errors import EmailTaken, UserNotFound
from backend.schemas.users import NewUser, UserChange, UserId, UserOut


def list_users(call: Call) -> list[UserOut]:
    return users.list_all(call.session)


def create_user(call: Call[None, None, NewUser]) -> dict[str, str]:
    new = call.body
    hashed = users.hash_new(new.password, new.email)
    with call.db.write() as session:
        users.create(session, new, hashed, call.person.id)
    return {"status": "User created successfully"}


def change_user(call: Call[UserId, None, UserChange]) -> UserOut:
    change = call.body
    hashed = None
    if change.password is not None:
        with call.db.read() as session:
            email = users.show(session, call.path.id)["email"]
        hashed = users.hash_new(change.password, email)
    with call.db.write() as session:
        return users.change(session, call.person, call.path.id, change, hashed)


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
        summary="Change a user's name, role, centers or password, or disable the account",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=change_user,
        answer=UserOut,
        errors=(UserNotFound,),
    ),
)
