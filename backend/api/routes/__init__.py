"""The table: every route of the API, once. The servers, the document and the tests read it."""

import re
from collections.abc import Callable

from backend.api import docs, encode, page, parse
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
from backend.core import auth, centers, onboarding, users
from backend.core.big_jobs import SMALL_FILE, SMALL_ROWS
from backend.core.errors import (
    AliasNotFound,
    BadRequest,
    CenterNotFound,
    ChangeNotFound,
    Conflict,
    DeliveryNotFound,
    EmailTaken,
    Forbidden,
    FormNotFound,
    ImportNotFound,
    IncorrectLogin,
    LeadNotFound,
    NotReady,
    Outdated,
    TooManyAttempts,
    TooManyJobs,
    UserNotFound,
)
from backend.core.imports import commit, plan, store, undo, upload
from backend.core.imports import listing as listing_of_rows
from backend.core.intake import center_names, deliveries, forms, health, webhook
from backend.core.leads import (
    bulk_edit,
    call_queue,
    changes,
    detail,
    duplicates,
    editing,
    export,
    filter_options,
    legacy_list,
    listing,
)
from backend.core.leads.export_files import Form
from backend.core.lifecycle import readiness
from backend.core.reports import figures
from backend.core.settings import Settings
from backend.models import Role
from backend.schemas.centers import (
    Alias,
    AliasOut,
    AliasQuery,
    CenterChange,
    CenterId,
    CenterOut,
    NewCenter,
)
from backend.schemas.duplicates import DuplicateFilter, DuplicatePair, NotDuplicates
from backend.schemas.health import Alive, IntakeHealth
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
from backend.schemas.intake import (
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
    Reopened,
    Retry,
    UnknownCenter,
    WebhookQuery,
)
from backend.schemas.leads import (
    Added,
    Changed,
    ChangeId,
    FilterOptions,
    FlatLead,
    HistoryFilter,
    HistoryLine,
    LeadChange,
    LeadDetail,
    LeadEdit,
    LeadFilter,
    LeadId,
    LeadPage,
    LeadPageQuery,
    LeadsChange,
    LegacyLead,
    NewLead,
    NextFilter,
    Queue,
    Received,
    Refused,
    Restored,
    Updated,
)
from backend.schemas.reports import Counts, CountsFilter, Report, ReportFilter
from backend.schemas.system import MetaCheck, Onboarding
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
_TAG = re.compile(r"[0-9]{1,18}")
_TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ImportForbidden(Forbidden):
    """The upload's own words for it."""

    detail = "Only Team Leads can import data"


def _sign_in(call: Call) -> SignedIn:
    # Imported when somebody signs in: it costs a third of the import of all the rest.
    from backend.core.rate_limits import Throttle

    login: Login = call.body
    throttle = Throttle(call.db)
    return auth.sign_in(
        call.db, call.settings, throttle, login.username, login.password, call.address
    )


def _create_user(call: Call) -> dict[str, str]:
    new: NewUser = call.body
    hashed = users.hash_new(new.password, new.email)
    with call.db.write() as session:
        users.create(session, new, hashed)
    return {"status": "User created successfully"}


def _change_user(call: Call) -> UserOut:
    change: UserChange = call.body
    hashed = None
    if change.password is not None:
        with call.db.read() as session:
            email = users.show(session, call.path.id)["email"]
        hashed = users.hash_new(change.password, email)
    with call.db.write() as session:
        return users.change(session, call.person, call.path.id, change, hashed)


def _change_password(call: Call) -> SignedIn:
    user = users.change_own_password(call.db, call.person, call.body)
    return auth.signed_in(call.settings, user)


def _create_center(call: Call) -> CenterOut:
    center = centers.create(call.session, call.body)
    _woken(call, center_names.center_made(call.session, center["meta_tag_name"]))
    return center


def _change_center(call: Call) -> CenterOut:
    center = centers.change(call.session, call.path.id, call.body)
    if call.body.meta_tag_name is not None:
        _woken(call, center_names.center_made(call.session, center["meta_tag_name"]))
    return center


def _add_alias(call: Call) -> Reopened:
    return _woken(call, center_names.add(call.session, call.person, call.body.text, call.path.id))


def _remove_alias(call: Call) -> Updated:
    center_names.remove(call.session, call.path.id, call.query.text)
    return {"status": "updated"}


def _list_my_leads(call: Call) -> Response:
    first, rest = legacy_list.list_mine(call.db, call.session, call.person, call.settings.zone)
    return Response(200, first, encode.JSON, rest)


def _update_lead(call: Call) -> Updated:
    changes.update(call.session, call.person, call.path.id, call.query, call.settings.zone)
    return {"status": "updated"}


def _show_lead(call: Call) -> Response:
    return _tagged(detail.show(call.session, call.person, call.path.id))


def _edit_lead(call: Call) -> Response:
    versions = _versions(call.headers.get("if-match", ""))
    settings = call.settings
    return _tagged(
        editing.edit(
            call.session,
            call.person,
            call.path.id,
            call.body,
            settings.zone,
            settings.phone_region,
            versions,
        )
    )


def _tagged(lead: LeadDetail) -> Response:
    answer = encode.answer(lead)
    tag = f'"{lead["version"]}"'
    return Response(answer.status, answer.body, {**answer.headers, "etag": tag})


def _versions(if_match: str) -> frozenset[int] | None:
    """The versions that are named; a tag that is none of ours holds of nothing any more.

    A weak tag is taken too: whoever compresses an answer on its way makes ours weak.
    """
    if if_match.strip() in ("", "*"):
        return None
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(",")]
    return frozenset(int(tag) for tag in tags if _TAG.fullmatch(tag))


def _export(form: Form) -> Callable[[Call], Response]:
    """An operation that answers a list of leads as a file."""

    def answer(call: Call) -> Response:
        content = export.export(
            call.db, call.settings, call.big_jobs, call.person, call.query, form
        )
        return _file(content, _TYPES[form], f"leads{form}")

    return answer


def _file(content: bytes, content_type: str, name: str) -> Response:
    disposition = f'attachment; filename="{name}"'
    headers = {"content-type": content_type, "content-disposition": disposition}
    return Response(200, content, headers)


def _shake_hands(call: Call) -> Response:
    challenge = webhook.shake_hands(call.settings, call.query)
    return Response(200, challenge.encode(), {"content-type": "text/plain; charset=utf-8"})


def _receive(call: Call) -> Received | Refused | Kept:
    delivery = webhook.Posted(call.body, call.headers, call.query.token, call.address)
    if webhook.is_signed(call.settings, delivery):
        answer: Received | Refused | Kept = webhook.keep_signed(call.db, delivery)
    else:
        value = parse.json(delivery.body, call.headers.get("content-type", ""))
        # Imported for those who have not signed: Meta's first delivery does not wait for it.
        from backend.core.rate_limits import Throttle

        throttle = Throttle(call.db)
        answer = webhook.receive(call.db, call.settings, throttle, delivery, value)
    if webhook.is_for_workers(answer):
        call.wake()
    return answer


def _replay(call: Call) -> Reopened:
    every: bool = call.query.all_of_reason
    return _woken(call, deliveries.retry(call.session, call.path.id, all_of_reason=every))


def _discard(call: Call) -> Updated:
    deliveries.dismiss(call.session, call.person, call.path.id, call.body.reason)
    return {"status": "updated"}


def _say_center(call: Call) -> Reopened:
    said: CenterMatch = call.body
    return _woken(call, center_names.add(call.session, call.person, said.text, said.center_id))


def _map_form(call: Call) -> FormOut:
    form = forms.set_mapping(call.session, call.path.id, call.body.mapping)
    call.wake()
    return form


def _judge(call: Call) -> Updated:
    duplicates.judge(call.session, call.person, call.body)
    return {"status": "updated"}


def _woken(call: Call, reopened: int) -> Reopened:
    call.wake()
    return {"reopened": reopened}


def _upload(call: Call) -> Imported | UnknownCenters:
    file = call.body
    with call.big_jobs.place(needed=len(file.content) > SMALL_FILE):
        return upload.upload(call.db, call.settings, call.person, file.name, file.content)


def _plan_import(call: Call) -> Planned:
    file, mapping = call.body.file, call.body.options.mapping
    with call.big_jobs.place(needed=len(file.content) > SMALL_FILE):
        return plan.make(call.db, call.settings, call.person, file.name, file.content, mapping)


def _commit_import(call: Call) -> ImportOut:
    with call.big_jobs.place(needed=_is_large_import(call)):
        return commit.commit(call.db, call.settings, call.person, call.path.id)


def _undo_import(call: Call) -> Undone:
    with call.big_jobs.place(needed=_is_large_import(call)):
        return undo.undo(call.db, call.person, call.path.id)


def _is_large_import(call: Call) -> bool:
    with call.db.read() as session:
        return (store.show(session, call.path.id)["rows_total"] or 0) > SMALL_ROWS


def _errors_csv(call: Call) -> Response:
    content = listing_of_rows.errors_csv(call.session, call.path.id)
    return _file(content, _TYPES[Form.CSV], f"import-{call.path.id}-errors.csv")


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
        unit=Unit.OWN,
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
        unit=Unit.OWN,
        body=Body.JSON,
        body_model=NewPassword,
        call=_change_password,
        answer=SignedIn,
        errors=(Conflict,),
    ),
    Operation(
        name="change_user",
        method="PATCH",
        path="/users/{id}",
        summary="Change a user: name, role, centers, a new password, disabled or not",
        access=TEAM_LEAD,
        unit=Unit.OWN,
        path_model=UserId,
        body=Body.JSON,
        body_model=UserChange,
        call=_change_user,
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
        name="change_center",
        method="PATCH",
        path="/centers/{id}",
        summary="Change a center",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        path_model=CenterId,
        body=Body.JSON,
        body_model=CenterChange,
        call=_change_center,
        answer=CenterOut,
        errors=(CenterNotFound, centers.CenterTaken),
    ),
    Operation(
        name="list_aliases",
        method="GET",
        path="/centers/{id}/aliases",
        summary="List what a center is called besides",
        access=TEAM_LEAD,
        unit=Unit.READ,
        path_model=CenterId,
        call=lambda call: center_names.of_center(call.session, call.path.id),
        answer=list[AliasOut],
        errors=(CenterNotFound,),
    ),
    Operation(
        name="add_alias",
        method="POST",
        path="/centers/{id}/aliases",
        summary="Say what a center is called besides; what waited for it goes through",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        path_model=CenterId,
        body=Body.JSON,
        body_model=Alias,
        call=_add_alias,
        answer=Reopened,
        errors=(CenterNotFound, center_names.CenterKnown),
    ),
    Operation(
        name="remove_alias",
        method="DELETE",
        path="/centers/{id}/aliases",
        summary="Forget a name of a center",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        path_model=CenterId,
        query_model=AliasQuery,
        call=_remove_alias,
        answer=Updated,
        errors=(AliasNotFound,),
    ),
    Operation(
        name="list_my_leads",
        method="GET",
        path="/leads/my_leads",
        summary="List the leads that one may see",
        access=SIGNED_IN,
        unit=Unit.READ,
        call=_list_my_leads,
        answer=list[LegacyLead],
    ),
    Operation(
        name="list_leads",
        method="GET",
        path="/leads/",
        summary="List leads, filtered and page by page",
        access=SIGNED_IN,
        unit=Unit.READ,
        query_model=LeadPageQuery,
        call=lambda call: listing.page(call.session, call.person, call.query, call.settings.zone),
        answer=LeadPage,
    ),
    Operation(
        name="create_lead",
        method="POST",
        path="/leads/",
        summary="Add a lead by hand; one that stands already is joined",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        body_model=NewLead,
        call=lambda call: editing.create(
            call.session, call.person, call.body, call.settings.phone_region
        ),
        answer=Added,
        errors=(CenterNotFound, Conflict),
    ),
    Operation(
        name="export_leads_csv",
        method="GET",
        path="/leads/export.csv",
        summary="Give a list of leads as a CSV file",
        access=SIGNED_IN,
        unit=Unit.OWN,
        query_model=LeadFilter,
        call=_export(Form.CSV),
        answer=Response,
        errors=(BadRequest, TooManyJobs),
    ),
    Operation(
        name="export_leads_xlsx",
        method="GET",
        path="/leads/export.xlsx",
        summary="Give a list of leads as an Excel file",
        access=SIGNED_IN,
        unit=Unit.OWN,
        query_model=LeadFilter,
        call=_export(Form.XLSX),
        answer=Response,
        errors=(BadRequest, TooManyJobs),
    ),
    Operation(
        name="list_next_leads",
        method="GET",
        path="/leads/next",
        summary="Say whom to call now, and why",
        access=SIGNED_IN,
        unit=Unit.READ,
        query_model=NextFilter,
        call=lambda call: call_queue.show(
            call.session, call.person, call.query, call.settings.zone
        ),
        answer=Queue,
    ),
    Operation(
        name="list_filter_options",
        method="GET",
        path="/leads/filter-options",
        summary="List what the newest leads can be filtered by",
        access=SIGNED_IN,
        unit=Unit.READ,
        call=lambda call: filter_options.show(call.session, call.person),
        answer=FilterOptions,
    ),
    Operation(
        name="count_leads",
        method="GET",
        path="/leads/counts",
        summary="Count the leads of each status",
        access=SIGNED_IN,
        unit=Unit.READ,
        query_model=CountsFilter,
        call=lambda call: figures.count(call.session, call.person, call.query),
        answer=Counts,
    ),
    Operation(
        name="change_leads",
        method="POST",
        path="/leads/bulk",
        summary="Change several leads at once",
        access=EDITORS,
        unit=Unit.WRITE,
        body=Body.JSON,
        body_model=LeadsChange,
        call=lambda call: bulk_edit.change(
            call.session, call.person, call.body, call.settings.zone
        ),
        answer=Changed,
    ),
    Operation(
        name="undo_change",
        method="POST",
        path="/leads/bulk/{id}/undo",
        summary="Take back a change of several leads, but for what was worked on since",
        access=EDITORS,
        unit=Unit.WRITE,
        path_model=ChangeId,
        call=lambda call: bulk_edit.undo(call.session, call.person, call.path.id),
        answer=Restored,
        errors=(ChangeNotFound, Conflict),
    ),
    Operation(
        name="show_lead",
        method="GET",
        path="/leads/{id}",
        summary="Show a lead, with its household and where it comes from",
        access=SIGNED_IN,
        unit=Unit.READ,
        path_model=LeadId,
        call=_show_lead,
        answer=LeadDetail,
        errors=(LeadNotFound,),
    ),
    Operation(
        name="edit_lead",
        method="PATCH",
        path="/leads/{id}",
        summary="Change fields of a lead; with If-Match, only as it was when it was read",
        access=EDITORS,
        unit=Unit.WRITE,
        path_model=LeadId,
        body=Body.JSON,
        body_model=LeadEdit,
        call=_edit_lead,
        answer=LeadDetail,
        errors=(LeadNotFound, CenterNotFound, Outdated),
    ),
    Operation(
        name="list_history",
        method="GET",
        path="/leads/{id}/history",
        summary="List what happened to a lead, the newest first",
        access=SIGNED_IN,
        unit=Unit.READ,
        path_model=LeadId,
        query_model=HistoryFilter,
        call=lambda call: detail.history(call.session, call.person, call.path.id, call.query),
        answer=list[HistoryLine],
        errors=(LeadNotFound,),
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
        errors=(BadRequest, TooManyJobs),
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
        errors=(BadRequest, Conflict, TooManyJobs),
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
        call=lambda call: listing_of_rows.list_rows(call.session, call.path.id, call.query),
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
        errors=(ImportNotFound, Conflict, TooManyJobs),
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
        unit=Unit.OWN,
        path_model=ImportId,
        call=_undo_import,
        answer=Undone,
        errors=(ImportNotFound, Conflict, TooManyJobs),
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
        errors=(webhook.BadSignature, webhook.BadToken, TooManyAttempts),
    ),
    Operation(
        name="list_duplicates",
        method="GET",
        path="/leads/duplicates/",
        summary="List pairs of leads that share an email, and not a phone",
        access=TEAM_LEAD,
        unit=Unit.READ,
        query_model=DuplicateFilter,
        call=lambda call: duplicates.list_page(call.session, call.query),
        answer=list[DuplicatePair],
    ),
    Operation(
        name="mark_not_duplicates",
        method="POST",
        path="/leads/duplicates/",
        summary="Say that two leads are no duplicates",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        body_model=NotDuplicates,
        call=_judge,
        answer=Updated,
        errors=(LeadNotFound,),
    ),
    Operation(
        name="show_report",
        method="GET",
        path="/reports/",
        summary="Tell what became of the leads of some days",
        access=SIGNED_IN,
        unit=Unit.READ,
        query_model=ReportFilter,
        call=lambda call: figures.show(call.session, call.person, call.query, call.settings.zone),
        answer=Report,
    ),
    Operation(
        name="show_onboarding",
        method="GET",
        path="/onboarding/",
        summary="Show which first steps are done, and what Meta has to be told",
        access=TEAM_LEAD,
        unit=Unit.READ,
        call=lambda call: onboarding.show(call.session, call.settings),
        answer=Onboarding,
    ),
    Operation(
        name="check_meta",
        method="POST",
        path="/onboarding/meta-check",
        summary="Ask Meta whether it answers us",
        access=TEAM_LEAD,
        unit=Unit.OWN,
        call=lambda call: onboarding.check(call.settings),
        answer=MetaCheck,
    ),
    Operation(
        name="list_deliveries",
        method="GET",
        path="/deliveries/",
        summary="List the deliveries from outside, the newest first",
        access=TEAM_LEAD,
        unit=Unit.READ,
        query_model=DeliveryFilter,
        call=lambda call: deliveries.list_page(call.session, call.query),
        answer=list[DeliveryRow],
    ),
    Operation(
        name="list_unknown_centers",
        method="GET",
        path="/deliveries/unknown-centers/",
        summary="List what deliveries call centers that no one knows",
        access=TEAM_LEAD,
        unit=Unit.READ,
        call=lambda call: center_names.unknown(call.session),
        answer=list[UnknownCenter],
    ),
    Operation(
        name="say_center",
        method="POST",
        path="/deliveries/unknown-centers/",
        summary="Say which center a text means; what waited for it goes through",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        body=Body.JSON,
        body_model=CenterMatch,
        call=_say_center,
        answer=Reopened,
        errors=(CenterNotFound, center_names.CenterKnown),
    ),
    Operation(
        name="show_delivery",
        method="GET",
        path="/deliveries/{id}",
        summary="Show a delivery with its raw body",
        access=TEAM_LEAD,
        unit=Unit.READ,
        path_model=DeliveryId,
        call=lambda call: deliveries.show(call.session, call.path.id),
        answer=DeliveryOut,
        errors=(DeliveryNotFound,),
    ),
    Operation(
        name="retry_delivery",
        method="POST",
        path="/deliveries/{id}/retry",
        summary="Send a delivery, or all that are open for its reason, through again",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        path_model=DeliveryId,
        query_model=Retry,
        call=_replay,
        answer=Reopened,
        errors=(DeliveryNotFound, Conflict),
    ),
    Operation(
        name="dismiss_delivery",
        method="POST",
        path="/deliveries/{id}/dismiss",
        summary="Put a delivery away, with a reason that is kept",
        access=TEAM_LEAD,
        unit=Unit.WRITE,
        path_model=DeliveryId,
        body=Body.JSON,
        body_model=Dismissal,
        call=_discard,
        answer=Updated,
        errors=(DeliveryNotFound, Conflict),
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
        name="show_intake_health",
        method="GET",
        path="/deliveries/health",
        summary="Show how the way in is: what waits, what was given up, which forms are silent",
        access=TEAM_LEAD,
        unit=Unit.READ,
        call=lambda call: health.show(call.session, call.settings),
        answer=IntakeHealth,
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
        summary="The page",
        access=ANYONE,
        unit=Unit.NONE,
        call=page.home,
        answer=Response,
        documented=False,
    ),
    Operation(
        name="page_file",
        method="GET",
        path="/web/{name:path}",
        summary="A file of the page",
        access=ANYONE,
        unit=Unit.NONE,
        path_model=page.FileName,
        call=page.file,
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
