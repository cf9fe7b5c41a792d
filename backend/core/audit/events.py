"""The events of the trail, and what they are done to."""

from enum import StrEnum


class Event(StrEnum):
    """What happened."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SESSIONS_ENDED = "sessions_ended"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  no password
    PASSWORD_LINK_MADE = "password_link_made"  # noqa: S105
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    USER_CREATED = "user_created"
    USER_CHANGED = "user_changed"
    USER_UNLOCKED = "user_unlocked"
    LEAD_OPENED = "lead_opened"
    LEADS_EXPORTED = "leads_exported"
    LEADS_CHANGED = "leads_changed"
    LEADS_CHANGE_UNDONE = "leads_change_undone"
    LEADS_MERGED = "leads_merged"
    LEADS_MERGE_UNDONE = "leads_merge_undone"
    IMPORT_COMMITTED = "import_committed"
    IMPORT_UNDONE = "import_undone"
    CENTER_CREATED = "center_created"
    CENTER_CHANGED = "center_changed"
    CENTER_ARCHIVED = "center_archived"
    CENTER_RESTORED = "center_restored"
    CENTER_MERGED = "center_merged"
    CENTER_CHANGE_UNDONE = "center_change_undone"
    ALIAS_ADDED = "alias_added"
    ALIAS_REMOVED = "alias_removed"
    ALIAS_REVERTED = "alias_reverted"
    FORM_CHANGED = "form_changed"
    PAGE_CHANGED = "page_changed"
    PERSON_EXPORTED = "person_exported"
    LEAD_ERASED = "lead_erased"
    ERASURE_HASTENED = "erasure_hastened"
    ERASURE_COMPLETED = "erasure_completed"
    CONTACT_CHANGED = "contact_changed"
    CONSENT_RECORDED = "consent_recorded"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    TRAIL_SHORTENED = "trail_shortened"


class Subject(StrEnum):
    """What an event was done to; the id is of its table."""

    USER = "user"
    LEAD = "lead"
    CENTER = "center"
    IMPORT = "import"
    BULK_CHANGE = "bulk_change"
    MERGE = "merge"
    CENTER_CHANGE = "center_change"
    ERASURE = "erasure"
