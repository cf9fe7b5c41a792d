"""The codes of reasons. The database and the API keep codes and never texts."""

from enum import StrEnum


class ReasonCode(StrEnum):
    """A reason; `texts.TEXTS` has the text of each."""

    # Why a row is rejected, or a delivery waits.
    NO_CONTACT = "no_contact"
    NO_CENTER = "no_center"
    UNKNOWN_CENTER = "unknown_center"
    ARCHIVED_CENTER = "archived_center"
    NO_PHONE = "no_phone"
    ERASED_PERSON = "erased_person"
    UNVERIFIED_REPEAT = "unverified_repeat"
    # What a delivery became.
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
    # Why a message of the outbox wasn't sent.
    RECEIVER_UNREACHABLE = "receiver_unreachable"
    RECEIVER_STATUS = "receiver_status"
    RECEIVER_BUSY = "receiver_busy"
    RECEIVER_GONE = "receiver_gone"
    RECEIVER_NOT_ALLOWED = "receiver_not_allowed"
    EMAIL_NOT_SENT = "email_not_sent"
    # What a person did.
    DISMISSED = "dismissed"
    # What was changed in a row.
    UNREADABLE_DATE = "unreadable_date"
    UNLIKELY_DATE = "unlikely_date"
    AMBIGUOUS_DATE = "ambiguous_date"
    ASSUMED_YEAR = "assumed_year"
    UNREADABLE_CELL = "unreadable_cell"
    UNKNOWN_STATUS = "unknown_status"
    UNREADABLE_PHONE = "unreadable_phone"
    # Why a row has its outcome.
    SAME_PHONE_OTHER_NAME = "same_phone_other_name"
    SAME_PHONE_NO_NAME = "same_phone_no_name"
    SAME_NAME_OTHER_AGE = "same_name_other_age"
    SAME_PHONE_AND_NAME = "same_phone_and_name"
    SAME_NAME_AND_EMAIL = "same_name_and_email"
    SAME_LEAD_AND_TIME = "same_lead_and_time"
    META_LEAD_EXISTS = "meta_lead_exists"
    META_LEAD_DISMISSED = "meta_lead_dismissed"
    ALREADY_WAITING = "already_waiting"
    OUTCOME_CHANGED = "outcome_changed"
    # Why an import failed.
    PLANNING_STOPPED = "planning_stopped"
    PLANNING_FAILED = "planning_failed"
    PLAN_EXPIRED = "plan_expired"
    UPLOAD_FAILED = "upload_failed"
    # What an undo leaves, and what it dismisses.
    LEAD_CHANGED_SINCE = "lead_changed_since"
    LEAD_MERGED_SINCE = "lead_merged_since"
    IMPORT_UNDONE = "import_undone"
    # Why a delivery belongs to no lead any more.
    LEAD_DELETED = "lead_deleted"
    # A text from before there were codes.
    OTHER = "other"


# What a person should know of a row that is imported: read with the cells, and kept with the row.
WARNINGS = frozenset(
    {
        ReasonCode.UNREADABLE_DATE,
        ReasonCode.UNLIKELY_DATE,
        ReasonCode.AMBIGUOUS_DATE,
        ReasonCode.ASSUMED_YEAR,
        ReasonCode.UNREADABLE_CELL,
        ReasonCode.UNKNOWN_STATUS,
    }
)
# What a plan counts above its rows, for a person to look at before the commit.
DOUBTS = WARNINGS | {
    ReasonCode.UNREADABLE_PHONE,
    ReasonCode.SAME_PHONE_NO_NAME,
    ReasonCode.SAME_NAME_OTHER_AGE,
}
