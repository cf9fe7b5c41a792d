"""Why a delivery, a pause or a backfill is as it is: codes with parameters, and their texts.

The database keeps two columns. `reason` is a code to group and filter by. `details` is a JSON
object: the parameters of the text and, where a more exact code than the group is known, that one
as `code`. It is null where there is nothing to add. The text is made when it is read, by `message`,
and nothing recognises it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

# A parameter that holds a reason of its own is a JSON object with this member.
_CODE = "code"


class ReasonCode(StrEnum):
    """A reason; `TEXTS` has the text of each."""

    # A person has to act before the delivery can become a lead.
    UNKNOWN_CENTER = "unknown_center"
    ARCHIVED_CENTER = "archived_center"
    NO_CENTER = "no_center"
    NO_PHONE = "no_phone"
    NO_CONTACT = "no_contact"
    UNVERIFIED_REPEAT = "unverified_repeat"
    # What it became.
    CREATE = "create"
    SIBLING = "sibling"
    JOIN = "join"
    KNOWN = "known"
    ANNOUNCED = "announced"
    IGNORED = "ignored"
    UNREADABLE = "unreadable"
    UNREADABLE_CHANGES = "unreadable_changes"
    # Why a body of the flat form is unreadable.
    UNREADABLE_BODY = "unreadable_body"
    EMPTY_BODY = "empty_body"
    PACKED_BODY = "packed_body"
    UNKNOWN_FORMAT = "unknown_format"
    NO_FIELDS = "no_fields"
    TOO_MANY_FIELDS = "too_many_fields"
    # A body with several leads.
    SEVERAL = "several"
    # Groups of errors that are treated alike: `retry_policy.TABLE`.
    UPSTREAM = "upstream"
    MISSING = "missing"
    PERMISSION = "permission"
    THROTTLED = "throttled"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  no password
    ERROR = "error"
    # What the graph host did.
    GRAPH_ERROR = "graph_error"
    GRAPH_STATUS = "graph_status"
    NOT_JSON = "not_json"
    UNEXPECTED_ANSWER = "unexpected_answer"
    COMPRESSED_ANSWER = "compressed_answer"
    ANSWER_TOO_LARGE = "answer_too_large"
    UNREACHABLE = "unreachable"
    BAD_NEXT_PAGE = "bad_next_page"
    OTHER_HOST = "other_host"
    TOO_MANY_PAGES = "too_many_pages"
    # Whether the graph host can be asked.
    NO_TOKEN = "no_token"  # noqa: S105
    PAUSED = "paused"
    REFUSED_LEADS = "refused_leads"
    MISSING_LEADS = "missing_leads"
    VERSION_ENDS = "version_ends"
    VERSION_ENDED = "version_ended"
    VERSION_WARNING = "version_warning"
    VERSION_REPLACED = "version_replaced"
    # The backfill.
    RUNNING = "running"
    DONE = "done"
    PROBLEMS = "problems"
    CRASHED = "crashed"
    FORM_PROBLEM = "form_problem"
    OUT_OF_TIME = "out_of_time"
    FORM_OUT_OF_TIME = "form_out_of_time"
    # What a person did.
    DISMISSED = "dismissed"
    IMPORT_UNDONE = "import_undone"
    ERASED_PERSON = "erased_person"
    # A text from before there were codes.
    OTHER = "other"


# `{count:lead|leads}` is a number with its noun, in the singular or the plural; `{said:: }` is a
# text after a colon, or nothing where there is none. `{cause:. }` is a sentence after a full stop.
TEXTS: Mapping[ReasonCode, str] = {
    ReasonCode.UNKNOWN_CENTER: "No center has this name",
    ReasonCode.ARCHIVED_CENTER: "This center is archived",
    ReasonCode.NO_CENTER: "No center is named",
    ReasonCode.NO_PHONE: "The phone number is missing",
    ReasonCode.NO_CONTACT: "The phone number and the email are missing",
    ReasonCode.UNVERIFIED_REPEAT: "Sent without a token, and there is a lead with this phone and "
    "name: retry it if the enquiry is real",
    ReasonCode.CREATE: "New lead",
    ReasonCode.SIBLING: "New lead, a sibling of another one",
    ReasonCode.JOIN: "Repeat enquiry, added to the existing lead",
    ReasonCode.KNOWN: "This lead already exists",
    ReasonCode.ANNOUNCED: "{announced:lead|leads} announced, {new} of them new",
    ReasonCode.IGNORED: "No leads announced",
    ReasonCode.UNREADABLE: "Signed by Meta, but not a notification",
    ReasonCode.UNREADABLE_CHANGES: "{announced:lead|leads} announced, {new} of them new; "
    "{unreadable:change names|changes name} no lead that can be read",
    ReasonCode.UNREADABLE_BODY: "No lead can be found in it: {cause}",
    ReasonCode.EMPTY_BODY: "it is empty",
    ReasonCode.PACKED_BODY: "it is compressed in a way that can't be unpacked",
    ReasonCode.UNKNOWN_FORMAT: "it is neither JSON nor a form",
    ReasonCode.NO_FIELDS: "its answers have no names",
    ReasonCode.TOO_MANY_FIELDS: "it has too many answers",
    ReasonCode.SEVERAL: "{leads:lead|leads} in one body",
    ReasonCode.UPSTREAM: "Meta can't be reached",
    ReasonCode.MISSING: "Meta doesn't have this lead, or doesn't show it to this token",
    ReasonCode.PERMISSION: "The access token has no permission to read this",
    ReasonCode.THROTTLED: "Meta asks to wait",
    ReasonCode.TOKEN_EXPIRED: "The access token has expired",
    ReasonCode.ERROR: "It can't be processed: see the server's log",
    ReasonCode.GRAPH_ERROR: "Meta answered with error {error}{said:: }",
    ReasonCode.GRAPH_STATUS: "Meta answered with status {status}",
    ReasonCode.NOT_JSON: "Meta answered with status {status}, and not with JSON",
    ReasonCode.UNEXPECTED_ANSWER: "Meta answered something unexpected",
    ReasonCode.COMPRESSED_ANSWER: "Meta compressed its answer, which wasn't asked for",
    ReasonCode.ANSWER_TOO_LARGE: "Meta's answer is too large",
    ReasonCode.UNREACHABLE: "Meta can't be reached: {error}",
    ReasonCode.BAD_NEXT_PAGE: "The address of the next page can't be read",
    ReasonCode.OTHER_HOST: "The next page is on another host, and isn't read",
    ReasonCode.TOO_MANY_PAGES: "The form has more pages than one run reads",
    ReasonCode.NO_TOKEN: "META_ACCESS_TOKEN is not set",
    ReasonCode.PAUSED: "Reading from Meta is paused: {cause}",
    ReasonCode.REFUSED_LEADS: "Meta doesn't let this token read {count:lead|leads}{cause:. }",
    ReasonCode.MISSING_LEADS: "{count:lead is|leads are} missing on Meta, or not allowed for this "
    "token{cause:. }",
    ReasonCode.VERSION_ENDS: "Version {version} of Meta's Graph API ends on {date}: set "
    "META_GRAPH_VERSION to {newest}",
    ReasonCode.VERSION_ENDED: "Version {version} of Meta's Graph API has ended: set "
    "META_GRAPH_VERSION to {newest}",
    ReasonCode.VERSION_WARNING: "Meta warns about the version of its Graph API: {said}",
    ReasonCode.VERSION_REPLACED: "Meta answered with version {answered} of its Graph API instead "
    "of {version}: set META_GRAPH_VERSION to one that it still has",
    ReasonCode.RUNNING: "Running",
    ReasonCode.DONE: "{forms:form|forms} read, {leads:lead|leads}, {new} of them new",
    ReasonCode.PROBLEMS: "{forms:form|forms} read, {leads:lead|leads}, {new} of them new; "
    "{problems}",
    ReasonCode.CRASHED: "The backfill failed: see the server's log",
    ReasonCode.FORM_PROBLEM: "form {form_id}: {cause}",
    ReasonCode.OUT_OF_TIME: "It took too long: the next run continues",
    ReasonCode.FORM_OUT_OF_TIME: "It took too long: the next run starts this form again",
    ReasonCode.DISMISSED: "{text}",
    ReasonCode.IMPORT_UNDONE: "The import was undone",
    ReasonCode.ERASED_PERSON: "This person's data was erased",
    ReasonCode.OTHER: "{text}",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with its parameters: texts, numbers, reasons and lists of reasons."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text for a person. A code that this version doesn't know stands for itself."""
        template = TEXTS.get(self.code)  # type: ignore[call-overload]
        if template is None:
            return self.code
        params = {name: _written(value) for name, value in self.params.items()}
        return str(template.format_map(_Params(params)))

    def as_json(self) -> dict[str, Any]:
        return {_CODE: self.code, **self.params}


class _Count(int):
    """A number that `{count:lead|leads}` writes with its noun."""

    def __format__(self, nouns: str) -> str:
        if "|" not in nouns:
            return f"{nouns}{int(self)}"
        one, many = nouns.split("|")
        return f"1 {one}" if self == 1 else f"{int(self):,} {many}"


class _Text(str):
    """A text that `{said:: }` writes after a colon."""

    __slots__ = ()

    def __format__(self, before: str) -> str:
        return f"{before}{self!s}" if self else ""


class _Params(dict[str, Any]):
    """Parameters, of which any may be missing."""

    def __missing__(self, _name: str) -> _Text:
        return _Text()


def _written(value: Any) -> Any:
    if isinstance(value, Reason):
        return _Text(value.text)
    if isinstance(value, Mapping):
        return _Text(_of_json(value).text)
    if isinstance(value, list | tuple):
        return _Text("; ".join(str(_written(one)) for one in value))
    return _Count(value) if isinstance(value, int) else _Text(value)


def _of_json(value: Mapping[str, Any]) -> Reason:
    params = {name: one for name, one in value.items() if name != _CODE}
    return Reason(str(value.get(_CODE, ReasonCode.OTHER)), params)


def columns(reason: str, cause: Reason | None = None) -> dict[str, str | None]:
    """Return the columns `reason` and `details`; `cause` is more exact than its group."""
    return {"reason": str(reason), "details": None if cause is None else encode(reason, cause)}


def encode(reason: str, cause: Reason) -> str | None:
    """Return what the column `details` holds beside `reason`."""
    params = dict(cause.params) if cause.code == reason else cause.as_json()
    if not params:
        return None
    # By itself it would write a dataclass field by field.
    option = orjson.OPT_PASSTHROUGH_DATACLASS
    return orjson.dumps(params, default=Reason.as_json, option=option).decode()


def decode(reason: str | None, details: str | None) -> Reason | None:
    """Return what the two columns say; None where both are empty."""
    found: dict[str, Any] = orjson.loads(details) if details else {}
    if reason is None and not found:
        return None
    return _of_json({_CODE: reason, **found} if reason is not None else found)


def message(reason: str | None, details: str | None) -> str | None:
    """Return the text of what the two columns say."""
    found = decode(reason, details)
    return found.text if found else None
