"""The API's one catalogue of the texts of reasons. Nothing stores, compares or parses a text."""

from collections.abc import Mapping

from backend.core.reasons.codes import ReasonCode

# The codes of `phones.PhoneIssue`, for people.
PHONE_ISSUES: Mapping[str, str] = {
    "no_digits": "No phone number",
    "digits_lost": "A spreadsheet has rounded the phone number, and its last digits are lost",
    "too_short": "The phone number is too short",
    "too_long": "The phone number is too long",
    "not_valid": "No such phone number exists",
}

# `{lead}` stands for the parameter `lead_id` or `row`: "lead 12" or "row 2", `{phone_issue}` for
# the text of the parameter `issue`. `{count:lead|leads}` is a number with its noun, in the singular
# or the plural; `{said:: }` is a text after a colon, or nothing where there is none. `{cause:. }`
# is a sentence after a full stop.
TEXTS: Mapping[ReasonCode, str] = {
    ReasonCode.NO_CONTACT: "No phone or email",
    ReasonCode.NO_CENTER: "No center",
    ReasonCode.UNKNOWN_CENTER: "No center has this name{center:: }",
    ReasonCode.ARCHIVED_CENTER: "This center is archived{center:: }",
    ReasonCode.NO_PHONE: "The phone number is missing",
    ReasonCode.ERASED_PERSON: "This person's data was erased",
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
    ReasonCode.THROTTLED: "Meta asked us to wait",
    ReasonCode.TOKEN_EXPIRED: "The access token has expired",
    ReasonCode.ERROR: "It can't be processed: see the server's log",
    ReasonCode.GRAPH_ERROR: "Meta answered with error {error}{said:: }",
    ReasonCode.GRAPH_STATUS: "Meta answered with status {status}",
    ReasonCode.NOT_JSON: "Meta answered with status {status}, and not with JSON",
    ReasonCode.UNEXPECTED_ANSWER: "Meta sent an unexpected answer",
    ReasonCode.COMPRESSED_ANSWER: "Meta compressed its answer, although we didn't ask for that",
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
    ReasonCode.RECEIVER_UNREACHABLE: "The receiver can't be reached",
    ReasonCode.RECEIVER_STATUS: "The receiver answered with status {status}",
    ReasonCode.RECEIVER_BUSY: "The receiver asked us to wait",
    ReasonCode.RECEIVER_GONE: "There is no longer anyone to tell",
    ReasonCode.RECEIVER_NOT_ALLOWED: "The receiver's address isn't allowed",
    ReasonCode.EMAIL_NOT_SENT: "{said}",
    ReasonCode.DISMISSED: "{text}",
    ReasonCode.UNREADABLE_DATE: "The date can't be read; the time of the import is used instead",
    ReasonCode.UNLIKELY_DATE: "The date is in the future or before 2000;"
    " the time of the import is used instead",
    ReasonCode.AMBIGUOUS_DATE: "'{column}' has both day-first and month-first dates;"
    " check this one",
    ReasonCode.ASSUMED_YEAR: "'{column}' has no year; it is read as {date}",
    ReasonCode.UNREADABLE_CELL: "'{column}' can't be read; its text is kept as an answer",
    ReasonCode.UNKNOWN_STATUS: "The status '{status}' is unknown; it is kept as an answer",
    ReasonCode.UNREADABLE_PHONE: "{phone_issue}. The phone is kept as it is and matches no lead",
    ReasonCode.SAME_PHONE_OTHER_NAME: "Same phone as {lead}, another name",
    ReasonCode.SAME_PHONE_NO_NAME: "Same phone as {lead}, but no name to compare",
    ReasonCode.SAME_NAME_OTHER_AGE: (
        "Same name and household as {lead}, but another age category or date of birth"
    ),
    ReasonCode.SAME_PHONE_AND_NAME: "Same phone and name as {lead}",
    ReasonCode.SAME_NAME_AND_EMAIL: "Same name and email as {lead}",
    ReasonCode.SAME_LEAD_AND_TIME: "Same as {lead}, with the same time; nothing to add",
    ReasonCode.META_LEAD_EXISTS: "Meta's lead {leadgen_id} already exists: {lead}",
    ReasonCode.META_LEAD_DISMISSED: "Meta's lead {leadgen_id} was dismissed",
    ReasonCode.ALREADY_WAITING: "Already waiting for the center '{center}'",
    ReasonCode.OUTCOME_CHANGED: "Changed since the plan was made (before: {before})",
    ReasonCode.PLANNING_STOPPED: "The server stopped during planning. Send the file again",
    ReasonCode.PLANNING_FAILED: "Planning failed, and no lead was changed. Send the file again",
    ReasonCode.PLAN_EXPIRED: "The plan is too old, and its rows were removed. Send the file again",
    ReasonCode.UPLOAD_FAILED: "The upload failed, and no lead was added. Send the file again",
    ReasonCode.LEAD_CHANGED_SINCE: "Someone has changed this lead since the import",
    ReasonCode.LEAD_MERGED_SINCE: "This lead is merged with another one",
    ReasonCode.IMPORT_UNDONE: "The import was undone",
    ReasonCode.LEAD_DELETED: "The lead was deleted",
    ReasonCode.OTHER: "{text}",
}
