"""The table: every route of the API, once. The servers, the document and the tests read it."""

from backend.api import docs
from backend.api.messages import Response
from backend.api.operation import (
    ANYONE,
    EDITORS,
    SIGNED_IN,
    TEAM_LEAD,
    Access,
    Body,
    Call,
    Operation,
    Unit,
)
from backend.core import auth, centers, imports, leads, users, webhook
from backend.core.errors import (
    BadRequest,
    EmailTaken,
    Forbidden,
    IncorrectLogin,
    LeadNotFound,
    TooManyAttempts,
    UserNotFound,
)
from backend.core.settings import Settings
from backend.models import Role
from backend.schemas.centers import CenterOut, NewCenter
from backend.schemas.imports import Imported, UnknownCenters
from backend.schemas.leads import (
    FlatLead,
    LeadChange,
    LeadId,
    LeadOut,
    Received,
    Refused,
    Updated,
)
from backend.schemas.users import (
    Login,
    NewPassword,
    NewUser,
    SignedIn,
    UserChange,
    UserId,
    UserOut,
)

# What a multipart form adds to the file in it: boundaries, and the headers of its parts.
_FORM_OVERHEAD = 16 << 10


class ImportForbidden(Forbidden):
    """The upload's own words for it."""

    detail = "Only Team Leads can import data"


def _sign_in(call: Call) -> SignedIn:
    # Imported when somebody signs in: it costs a third of the import of all the rest.
    from backend.core.throttle import Throttle

    login: Login = call.body
    throttle = Throttle(call.db)
    return auth.sign_in(
        call.db, call.settings, throttle, login.username, login.password, call.address
    )


def _create_user(call: Call) -> dict[str, str]:
    users.create(call.session, call.body)
    return {"status": "User created successfully"}


def _change_password(call: Call) -> SignedIn:
    user = users.change_own_password(call.session, call.person, call.body)
    return auth.signed_in(call.settings, user)


def _update_lead(call: Call) -> Updated:
    leads.update(call.session, call.person, call.path.id, call.query, call.settings.zone)
    return {"status": "updated"}


def _upload(call: Call) -> Imported | UnknownCenters:
    file = call.body
    return imports.upload(call.db, call.settings, call.person, file.name, file.content)


def _upload_limit(settings: Settings) -> int:
    return settings.max_upload_bytes + _FORM_OVERHEAD


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="sign_in",
        method="POST",
        path="/token",
        summary="Sign in",
        access=ANYONE,
        unit=Unit.OWN,
        body=Body.FORM,
        body_model=Login,
        call=_sign_in,
        answer=SignedIn,
        errors=(IncorrectLogin, TooManyAttempts),
    ),
    Operation(
        name="list_users",
        method="GET",
        path="/users/",
        summary="List the users",
        access=TEAM_LEAD,
        unit=Unit.READ,
        call=lambda call: users.list_all(call.session),
        answer=list[UserOut],
    ),
    Operation(
        name="create_user",
        method="POST",
        path="/users/",
        summary="Add a user",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        body_model=NewUser,
        call=_create_user,
        answer=dict[str, str],
        errors=(EmailTaken,),
    ),
    Operation(
        name="show_me",
        method="GET",
        path="/users/me",
        summary="Show who is signed in",
        access=SIGNED_IN,
        unit=Unit.READ,
        call=lambda call: users.show(call.session, call.person.id),
        answer=UserOut,
    ),
    Operation(
        name="change_my_password",
        method="PUT",
        path="/users/me/password",
        summary="Change one's own password; all tokens end, and a new one is answered",
        access=SIGNED_IN,
        unit=Unit.WRITE,
        body=Body.JSON,
        body_model=NewPassword,
        call=_change_password,
        answer=SignedIn,
    ),
    Operation(
        name="change_user",
        method="PATCH",
        path="/users/{id}",
        summary="Change a user: name, role, centers, a new password, disabled or not",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        path_model=UserId,
        body=Body.JSON,
        body_model=UserChange,
        call=lambda call: users.change(call.session, call.person, call.path.id, call.body),
        answer=UserOut,
        errors=(UserNotFound,),
    ),
    Operation(
        name="list_centers",
        method="GET",
        path="/centers/",
        summary="List the centers",
        access=ANYONE,
        unit=Unit.READ,
        call=lambda call: centers.list_all(call.session),
        answer=list[CenterOut],
    ),
    Operation(
        name="create_center",
        method="POST",
        path="/centers/",
        summary="Add a center",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        body_model=NewCenter,
        call=lambda call: centers.create(call.session, call.body),
        answer=CenterOut,
        errors=(centers.CenterTaken,),
    ),
    Operation(
        name="list_my_leads",
        method="GET",
        path="/leads/my_leads",
        summary="List the leads that one may see",
        access=SIGNED_IN,
        unit=Unit.READ,
        call=lambda call: leads.list_mine(call.session, call.person),
        answer=list[LeadOut],
    ),
    Operation(
        name="update_lead",
        method="PUT",
        path="/leads/{id}",
        summary="Note the outcome of a call",
        access=EDITORS,
        unit=Unit.WRITE,
        path_model=LeadId,
        query_model=LeadChange,
        call=_update_lead,
        answer=Updated,
        errors=(LeadNotFound,),
    ),
    Operation(
        name="upload_leads",
        method="POST",
        path="/leads/upload/",
        summary="Add the leads of a spreadsheet",
        access=Access(roles=frozenset({Role.TEAM_LEAD}), refusal=ImportForbidden),
        unit=Unit.OWN,
        body=Body.FILE,
        body_limit=_upload_limit,
        call=_upload,
        answer=Imported | UnknownCenters,
        errors=(BadRequest,),
    ),
    Operation(
        name="receive_lead",
        method="POST",
        path="/leads/meta-webhook/",
        summary="Take a lead from a form",
        access=ANYONE,
        unit=Unit.WRITE,
        body=Body.JSON,
        body_model=FlatLead,
        call=lambda call: webhook.receive(call.session, call.body),
        answer=Received | Refused,
    ),
    Operation(
        name="home",
        method="GET",
        path="/",
        summary="Go to the documentation",
        access=ANYONE,
        unit=Unit.NONE,
        call=docs.home,
        answer=Response,
        documented=False,
    ),
    Operation(
        name="openapi_document",
        method="GET",
        path="/openapi.json",
        summary="The OpenAPI document",
        access=ANYONE,
        unit=Unit.NONE,
        call=docs.document,
        answer=Response,
        documented=False,
    ),
    Operation(
        name="docs_page",
        method="GET",
        path="/docs",
        summary="The documentation",
        access=ANYONE,
        unit=Unit.NONE,
        call=docs.page,
        answer=Response,
        documented=False,
    ),
    Operation(
        name="docs_file",
        method="GET",
        path="/docs/{name}",
        summary="A file that the documentation needs",
        access=ANYONE,
        unit=Unit.NONE,
        path_model=docs.FileName,
        call=docs.file,
        answer=Response,
        documented=False,
    ),
)


def find(name: str) -> Operation:
    return next(operation for operation in OPERATIONS if operation.name == name)
