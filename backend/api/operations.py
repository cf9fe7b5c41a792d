"""The table: every route of the API, once. The servers, the document and the tests read it."""

from backend.api import docs, parse
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
from backend.core import auth, centers, leads, readiness, suspicions, users
from backend.core.capture import aliases, forms, health, ledger, receive
from backend.core.errors import (
    BadRequest,
    CaptureNotFound,
    CenterNotFound,
    Conflict,
    EmailTaken,
    Forbidden,
    FormNotFound,
    ImportNotFound,
    IncorrectLogin,
    LeadNotFound,
    NotReady,
    TooManyAttempts,
    UserNotFound,
)
from backend.core.imports import commit, listing, plan, store, undo, upload
from backend.core.settings import Settings
from backend.models import Role
from backend.schemas.captures import (
    CaptureFilter,
    CaptureId,
    CaptureOut,
    CaptureRow,
    Discard,
    FormId,
    FormMapping,
    FormOut,
    Handshake,
    Kept,
    Meaning,
    Reopened,
    Replay,
    UnknownCenter,
    WebhookQuery,
)
from backend.schemas.centers import CenterOut, NewCenter
from backend.schemas.health import Alive, CaptureHealth
from backend.schemas.imports import (
    Imported,
    ImportFilter,
    ImportId,
    ImportOptions,
    ImportOut,
    ImportRowOut,
    Planned,
    RowFilter,
    Undone,
    UnknownCenters,
)
from backend.schemas.leads import (
    FlatLead,
    LeadChange,
    LeadId,
    LeadOut,
    Received,
    Refused,
    Updated,
)
from backend.schemas.suspicions import Suspicion, SuspicionFilter, TwoLeads
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


def _create_center(call: Call) -> CenterOut:
    center = centers.create(call.session, call.body)
    _woken(call, aliases.center_made(call.session, center["meta_tag_name"]))
    return center


def _update_lead(call: Call) -> Updated:
    leads.update(call.session, call.person, call.path.id, call.query, call.settings.zone)
    return {"status": "updated"}


def _shake_hands(call: Call) -> Response:
    challenge = receive.shake_hands(call.settings, call.query)
    return Response(200, challenge.encode(), {"content-type": "text/plain; charset=utf-8"})


def _receive(call: Call) -> Received | Refused | Kept:
    delivery = receive.Delivery(call.body, call.headers, call.query.token, call.address)
    if receive.is_signed(call.settings, delivery):
        answer: Received | Refused | Kept = receive.keep_signed(call.db, delivery)
    else:
        value = parse.json(delivery.body, call.headers.get("content-type", ""))
        # Imported for those who have not signed: Meta's first delivery does not wait for it.
        from backend.core.throttle import Throttle

        throttle = Throttle(call.db)
        answer = receive.receive(call.db, call.settings, throttle, delivery, value)
    call.wake()
    return answer


def _replay(call: Call) -> Reopened:
    every: bool = call.query.all_of_reason
    return _woken(call, ledger.replay(call.session, call.path.id, all_of_reason=every))


def _discard(call: Call) -> Updated:
    ledger.discard(call.session, call.person, call.path.id, call.body.reason)
    return {"status": "updated"}


def _say_center(call: Call) -> Reopened:
    said: Meaning = call.body
    return _woken(call, aliases.add(call.session, call.person, said.text, said.center_id))


def _map_form(call: Call) -> FormOut:
    form = forms.set_mapping(call.session, call.path.id, call.body.mapping)
    call.wake()
    return form


def _judge(call: Call) -> Updated:
    suspicions.judge(call.session, call.person, call.body)
    return {"status": "updated"}


def _woken(call: Call, reopened: int) -> Reopened:
    call.wake()
    return {"reopened": reopened}


def _upload(call: Call) -> Imported | UnknownCenters:
    file = call.body
    return upload.upload(call.db, call.settings, call.person, file.name, file.content)


def _plan_import(call: Call) -> Planned:
    file, mapping = call.body.file, call.body.options.mapping
    return plan.make(call.db, call.settings, call.person, file.name, file.content, mapping)


def _commit_import(call: Call) -> ImportOut:
    return commit.commit(call.db, call.settings, call.person, call.path.id)


def _errors_csv(call: Call) -> Response:
    content = listing.errors_csv(call.session, call.path.id)
    name = f"import-{call.path.id}-errors.csv"
    return Response(
        200,
        content,
        {
            "content-type": "text/csv; charset=utf-8",
            "content-disposition": f'attachment; filename="{name}"',
        },
    )


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
        call=_create_center,
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
        name="plan_import",
        method="POST",
        path="/imports/",
        summary="Plan the import of a spreadsheet: what would become of each row",
        access=TEAM_LEAD,
        unit=Unit.OWN,
        body=Body.FILE,
        body_model=ImportOptions,
        body_limit=_upload_limit,
        call=_plan_import,
        answer=Planned,
        errors=(BadRequest,),
    ),
    Operation(
        name="list_imports",
        method="GET",
        path="/imports/",
        summary="List the imports, the newest first",
        access=TEAM_LEAD,
        unit=Unit.READ,
        query_model=ImportFilter,
        call=lambda call: store.list_page(call.session, call.query),
        answer=list[ImportOut],
    ),
    Operation(
        name="show_import",
        method="GET",
        path="/imports/{id}",
        summary="Show an import: its state, how far it is, and its totals",
        access=TEAM_LEAD,
        unit=Unit.READ,
        path_model=ImportId,
        call=lambda call: store.show(call.session, call.path.id),
        answer=ImportOut,
        errors=(ImportNotFound,),
    ),
    Operation(
        name="list_import_rows",
        method="GET",
        path="/imports/{id}/rows",
        summary="List the rows of an import, each with its verdict and the reason",
        access=TEAM_LEAD,
        unit=Unit.READ,
        path_model=ImportId,
        query_model=RowFilter,
        call=lambda call: listing.list_rows(call.session, call.path.id, call.query),
        answer=list[ImportRowOut],
        errors=(ImportNotFound,),
    ),
    Operation(
        name="commit_import",
        method="POST",
        path="/imports/{id}/commit",
        summary="Do what a plan says, or tell which rows have changed since",
        access=TEAM_LEAD,
        unit=Unit.OWN,
        path_model=ImportId,
        call=_commit_import,
        answer=ImportOut,
        errors=(ImportNotFound, Conflict),
    ),
    Operation(
        name="list_import_errors",
        method="GET",
        path="/imports/{id}/errors.csv",
        summary="Give back the rejected rows as a CSV file, each with the reason",
        access=TEAM_LEAD,
        unit=Unit.READ,
        path_model=ImportId,
        call=_errors_csv,
        answer=Response,
        errors=(ImportNotFound,),
    ),
    Operation(
        name="undo_import",
        method="POST",
        path="/imports/{id}/undo",
        summary="Take back what an import did, but for what someone has worked on since",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        path_model=ImportId,
        call=lambda call: undo.undo(call.session, call.person, call.path.id),
        answer=Undone,
        errors=(ImportNotFound, Conflict),
    ),
    Operation(
        name="shake_hands",
        method="GET",
        path="/leads/meta-webhook/",
        summary="Answer Meta's handshake with the challenge",
        access=ANYONE,
        unit=Unit.NONE,
        query_model=Handshake,
        call=_shake_hands,
        answer=Response,
        errors=(Forbidden,),
    ),
    Operation(
        name="receive_lead",
        method="POST",
        path="/leads/meta-webhook/",
        summary="Take a lead from a form, or a notification of Meta's",
        access=ANYONE,
        unit=Unit.OWN,
        query_model=WebhookQuery,
        body=Body.RAW,
        body_model=FlatLead,
        call=_receive,
        answer=Received | Refused | Kept,
        errors=(receive.BadSignature, receive.BadToken, TooManyAttempts),
    ),
    Operation(
        name="list_suspicions",
        method="GET",
        path="/leads/suspicions/",
        summary="List pairs of leads that share an email, and not a phone",
        access=TEAM_LEAD,
        unit=Unit.READ,
        query_model=SuspicionFilter,
        call=lambda call: suspicions.list_page(call.session, call.query),
        answer=list[Suspicion],
    ),
    Operation(
        name="judge_suspicion",
        method="POST",
        path="/leads/suspicions/",
        summary="Say that two leads are no duplicates",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        body_model=TwoLeads,
        call=_judge,
        answer=Updated,
        errors=(LeadNotFound,),
    ),
    Operation(
        name="list_captures",
        method="GET",
        path="/captures/",
        summary="List the deliveries from outside, the newest first",
        access=TEAM_LEAD,
        unit=Unit.READ,
        query_model=CaptureFilter,
        call=lambda call: ledger.list_page(call.session, call.query),
        answer=list[CaptureRow],
    ),
    Operation(
        name="list_unknown_centers",
        method="GET",
        path="/captures/unknown-centers/",
        summary="List what deliveries call centers that no one knows",
        access=TEAM_LEAD,
        unit=Unit.READ,
        call=lambda call: aliases.unknown(call.session),
        answer=list[UnknownCenter],
    ),
    Operation(
        name="say_center",
        method="POST",
        path="/captures/unknown-centers/",
        summary="Say which center a text means; what waited for it goes through",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        body_model=Meaning,
        call=_say_center,
        answer=Reopened,
        errors=(CenterNotFound, aliases.CenterKnown),
    ),
    Operation(
        name="show_capture",
        method="GET",
        path="/captures/{id}",
        summary="Show a delivery with its raw body",
        access=TEAM_LEAD,
        unit=Unit.READ,
        path_model=CaptureId,
        call=lambda call: ledger.show(call.session, call.path.id),
        answer=CaptureOut,
        errors=(CaptureNotFound,),
    ),
    Operation(
        name="replay_capture",
        method="POST",
        path="/captures/{id}/replay",
        summary="Send a delivery, or all that are open for its reason, through again",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        path_model=CaptureId,
        query_model=Replay,
        call=_replay,
        answer=Reopened,
        errors=(CaptureNotFound, Conflict),
    ),
    Operation(
        name="discard_capture",
        method="POST",
        path="/captures/{id}/discard",
        summary="Put a delivery away, with a reason that is kept",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        path_model=CaptureId,
        body=Body.JSON,
        body_model=Discard,
        call=_discard,
        answer=Updated,
        errors=(CaptureNotFound, Conflict),
    ),
    Operation(
        name="list_forms",
        method="GET",
        path="/forms/",
        summary="List the forms of Meta's, and what their questions mean",
        access=TEAM_LEAD,
        unit=Unit.READ,
        call=lambda call: forms.list_all(call.session),
        answer=list[FormOut],
    ),
    Operation(
        name="map_form",
        method="PUT",
        path="/forms/{id}",
        summary="Say which field each question of a form fills; what is open of it goes through",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        path_model=FormId,
        body=Body.JSON,
        body_model=FormMapping,
        call=_map_form,
        answer=FormOut,
        errors=(FormNotFound,),
    ),
    Operation(
        name="show_capture_health",
        method="GET",
        path="/captures/health",
        summary="Show how the way in is: what waits, what was given up, which forms are silent",
        access=TEAM_LEAD,
        unit=Unit.READ,
        call=lambda call: health.show(call.session, call.settings),
        answer=CaptureHealth,
    ),
    Operation(
        name="show_alive",
        method="GET",
        path="/healthz",
        summary="Tell whether the process serves; the database is not asked",
        access=ANYONE,
        unit=Unit.NONE,
        call=lambda _call: readiness.alive(),
        answer=Alive,
    ),
    Operation(
        name="show_ready",
        method="GET",
        path="/readyz",
        summary="Tell whether the database can be used",
        access=ANYONE,
        unit=Unit.OWN,
        call=lambda call: readiness.ready(call.db),
        answer=Alive,
        errors=(NotReady,),
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
