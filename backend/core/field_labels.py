"""The labels of the input fields, and what to say where a value is missing.

The texts are in GOV.UK's style for error messages: say how to fix the problem, without a full stop.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Field(NamedTuple):
    """The label of a field, and the text to show if its value is missing."""

    label: str
    ask: str


# Fields that the web app shows have the same label there.
FIELDS: Mapping[str, Field] = {
    # People and sign-in
    "username": Field("Email", "Enter an email"),
    "email": Field("Email", "Enter an email"),
    "birth_date": Field("Date of birth", "Enter a date such as 2017-08-20"),
    "phone_issue": Field("Phone", "Choose from the list"),
    "password": Field("Password", "Enter a password"),
    "current_password": Field("Current password", "Enter your current password"),
    "otp": Field("Code", "Enter the code"),
    "code": Field("Code", "Enter the code"),
    "link": Field("Link", "Use the link you were given"),
    "credential": Field("Passkey", "Use a passkey"),
    "label": Field("Name", "Enter a name"),
    "device": Field("Device", "Enter text"),
    "full_name": Field("Name", "Enter a name"),
    "role": Field("Role", "Choose a role"),
    "center_ids": Field("Centers", "Choose from the list of centers"),
    "disabled": Field("Disabled", "Use true or false"),
    # Centers
    "display_name": Field("Name", "Enter a name"),
    "meta_tag_name": Field("Name in forms and spreadsheets", "Enter a name"),
    "city": Field("City", "Enter a city"),
    "location": Field("Location", "Enter a location"),
    "text": Field("Name", "Enter a name"),
    "center": Field("Center", "Choose a center"),
    "center_id": Field("Center", "Choose a center"),
    "into_id": Field("Center", "Choose the center to merge into"),
    # Leads
    "id": Field("Id", "Use a number such as 12"),
    "ids": Field("Leads", "Choose leads from the list"),
    "first_id": Field("First lead", "Choose a lead"),
    "second_id": Field("Second lead", "Choose a lead"),
    "other_id": Field("Other lead", "Choose a lead"),
    "version": Field("Version", "Use the version of the lead that you read"),
    "other_version": Field(
        "Version of the other lead", "Use the version of the other lead that you read"
    ),
    "fields": Field("Fields", "Choose this or other for each field"),
    "player_name": Field("Player", "Enter the player's name"),
    "player_age_category": Field("Age category", "Enter an age category"),
    "phone": Field("Phone", "Enter a phone number"),
    "phone_number": Field("Phone", "Enter a phone number"),
    "email_address": Field("Email", "Enter an email"),
    "address": Field("Address", "Enter an address"),
    "address_and_pincode": Field("Address", "Enter an address"),
    "nearest_center": Field("Center", "Enter a center"),
    "status": Field("Status", "Choose a status"),
    "next_date": Field("Follow-up date", "Enter a date such as 2026-12-05"),
    "next_followup_date": Field("Next follow-up", "Enter a date and time such as 2026-12-05T16:30"),
    "trial_at": Field("Trial", "Enter a date and time such as 2026-12-05T16:30"),
    "lost_reason": Field("Reason", "Choose a reason"),
    "comment": Field("Comment", "Enter a comment"),
    "lost_reason_text": Field("What was the reason?", "Enter the reason"),
    "trial_outcome": Field("Trial", "Choose how the trial went"),
    "outcome": Field("How the call went", "Choose how the call went"),
    "seconds": Field("Seconds", "Use a number of seconds, up to 86400"),
    "attempts": Field("Attempts", "Choose how many attempts: 0 to 3"),
    "last_call": Field("Last call", "Choose today, week, month, earlier or none"),
    "attempts_from": Field("Attempts from", "Use a number such as 2"),
    "attempts_to": Field("Attempts to", "Use a number such as 5"),
    "last_call_from": Field("Last call from", "Enter a date such as 2026-12-05"),
    "last_call_to": Field("Last call to", "Enter a date such as 2026-12-05"),
    "repeat": Field("Repeat enquiry", "Use yes or no"),
    "trial": Field("Trial", "Choose which trials"),
    "unreachable": Field("Unreachable", "Use yes or no"),
    "client_key": Field("Key of the call", "Use a random text of 8 to 64 characters"),
    "delete": Field("Delete", "Use true or false"),
    "edit_id": Field("Edit", "Use a number such as 12"),
    "call_id": Field("Call", "Use a number such as 12"),
    "endpoint": Field("Browser", "Use the address of the browser's subscription"),
    "keys": Field("Keys", "Use the keys of the browser's subscription"),
    "p256dh": Field("Key", "Use the key of the browser's subscription"),
    "auth": Field("Secret", "Use the secret of the browser's subscription"),
    "summaries": Field("Summaries by email", "Use true or false"),
    "week": Field("Opening hours", "Enter the hours of seven days"),
    "opens": Field("Opens", "Enter a time such as 10:00"),
    "closes": Field("Closes", "Enter a time such as 20:00"),
    "retry_plan": Field("Next tries", "Use waits such as 30m, 4h and 1d"),
    "first_call_minutes": Field("First call within (minutes)", "Use minutes, up to 10080"),
    "follow_up_minutes": Field("Follow-up within (minutes)", "Use minutes, up to 10080"),
    "missed": Field("Missed", "Choose first_call or follow_up"),
    "first_day": Field("First day", "Enter a date such as 2026-12-05"),
    "last_day": Field("Last day", "Enter a date such as 2026-12-05"),
    "conditions": Field("Which leads", "Choose which leads the rule is for"),
    "sources": Field("Source", "Choose from the list of sources"),
    "platforms": Field("Platform", "Choose from the list of platforms"),
    "campaigns": Field("Campaign", "Choose from the list of campaigns"),
    "age_categories": Field("Age category", "Choose from the list of age categories"),
    "question": Field("Question", "Enter a question in your forms"),
    "answers": Field("Matching answers", "Enter the answers that match"),
    "shares": Field("People", "Choose who gets the leads"),
    "weight": Field("Weight", "Choose a weight from 1 to 10"),
    "cap": Field("Maximum leads a day", "Use a number from 1 to 1000"),
    "active": Field("Active", "Use true or false"),
    "rule_ids": Field("Rules", "List each rule of the center once"),
    "away": Field("Away", "Use true or false"),
    "period": Field("How long", "Choose hour or day"),
    "owner_id": Field("Owner", "Choose a person"),
    "leads_to": Field("Leads", "Choose people from the list"),
    "leads_by_rule": Field("Leads by rule", "Use true or false"),
    "owner_ids": Field("Owners", "Choose people from the list"),
    "by_rule": Field("By rule", "Use true or false"),
    "owner": Field("Owner", "Use me, none or ids of people"),
    "work": Field("Work", "Choose open or no_next_step"),
    "did": Field("What was done", "Choose attempt, conversation or a stage"),
    "did_by": Field("Who did it", "Use me or the id of a person"),
    "did_from": Field("Done from", "Enter a date such as 2026-12-05"),
    "did_to": Field("Done until", "Enter a date such as 2026-12-05"),
    "view": Field("View", "Choose mine, center or all"),
    "text_id": Field("WhatsApp text", "Choose from the list of texts"),
    "message": Field("Text", "Enter the text"),
    "kind": Field("List", "Choose lost_reason, age_group or source"),
    "own": Field("Own list", "Use true or false"),
    "was": Field("Text", "Use the text that the leads have now"),
    # Personal data
    "do_not_contact": Field("Do not contact", "Use true or false"),
    "at_once": Field("At once", "Use true or false"),
    "key": Field("Purpose", "Enter what the consent is for"),
    "channel": Field("How it was given", "Enter how it was given"),
    "granted": Field("Given", "Use true or false"),
    "at": Field("Time", "Enter a date and time such as 2026-12-05T16:30"),
    "consent_id": Field("Consent", "Use a number such as 12"),
    "shared": Field("Shared", "Use true or false"),
    "query": Field("List", "Use the query of a list of leads"),
    "filter": Field("List", "Use the query of a list of leads"),
    "contact": Field("Contact", "Choose allowed, refused or any"),
    # Lists, reports and files
    "after": Field("After", "Use the value of next from the previous page"),
    "all_of_reason": Field("All with the same reason", "Use true or false"),
    "age_category": Field("Age category", "Choose an age category"),
    "before": Field("Before", "Use the id of the last item on the previous page"),
    "before_first_id": Field("Before", "Use the first lead's id from the last pair"),
    "before_second_id": Field("Before", "Use the second lead's id from the last pair"),
    "campaign": Field("Campaign", "Choose a campaign"),
    "created_from": Field("Received from", "Enter a date such as 2026-12-05"),
    "created_to": Field("Received to", "Enter a date such as 2026-12-05"),
    "due": Field("Due", "Choose when the next call is due"),
    "first_call": Field("First call", "Choose how soon the first call was"),
    "form_id": Field("Form", "Choose a form"),
    "from": Field("From", "Enter a date such as 2026-12-05"),
    "to": Field("To", "Enter a date such as 2026-12-05"),
    "limit": Field("Limit", "Use a whole number"),
    "up_to": Field("Up to", "Use a whole number"),
    "q": Field("Search", "Enter part of a name, phone or email"),
    "reached": Field("Reached", "Choose a stage"),
    "reason": Field("Reason", "Enter a reason"),
    "skip": Field("Skip", "Use lead ids, separated by commas"),
    "sort": Field("Sort order", "Choose a sort order"),
    "source": Field("Source", "Choose a source"),
    "state": Field("State", "Choose a state"),
    "test": Field("Test leads", "Choose no, yes or any"),
    "verdict": Field("Verdict", "Choose a verdict"),
    "file": Field("File", "Choose a file"),
    "name": Field("File", "Use the name of a file"),
    "event": Field("Event", "Choose an event"),
    "subject": Field("Subject", "Choose a subject"),
    "subject_id": Field("Id", "Use a number such as 12"),
    "user_id": Field("Person", "Choose a person"),
    "since": Field("From", "Enter a date such as 2026-12-05"),
    "until": Field("To", "Enter a date such as 2026-12-05"),
    "mapping": Field("Mapping", "Choose a field for each column"),
    "sheet": Field("Sheet", "Choose a sheet of the file"),
    "sheets": Field("Sheets", "Choose sheets of the file"),
    "header_row": Field("Header row", "Use the number of a row"),
    "date_order": Field("Date order", "Choose day first, month first or year first"),
    "statuses": Field("Statuses", "Choose a status for each text"),
    "all_of_form": Field("All of the form", "Use true or false"),
    # Meta
    "hub.mode": Field("Mode", "Use subscribe"),
    "hub.verify_token": Field("Verify token", "Use the verify token from the settings"),
    "hub.challenge": Field("Challenge", "Use the challenge from Meta"),
    "token": Field("Webhook token", "Use the webhook token from the settings"),
    # Settings, which go by their own names
    "cors_origins": Field("CORS_ORIGINS", "Use addresses such as https://crm.example.com"),
    "meta_graph_version": Field("META_GRAPH_VERSION", "Use a version such as v26.0"),
    "phone_region": Field("PHONE_REGION", "Use two capital letters such as IN"),
}

# What a field is in one schema, where it is something else in the others.
FIELDS_OF: Mapping[tuple[str, str], Field] = {
    ("ChoiceOrder", "ids"): Field("Order", "Use the ids of all entries of the list"),
    ("NewConsent", "text"): Field("Text that was agreed to", "Enter the text"),
    ("NewConsent", "version"): Field("Version of the text", "Enter a version"),
    ("NewView", "name"): Field("Name of the view", "Enter a name"),
    ("ViewChange", "name"): Field("Name of the view", "Enter a name"),
}

# Fields chosen from a list: whatever is wrong with an id, the person has to choose again.
CHOSEN = frozenset([
    FIELDS_OF["ChoiceOrder", "ids"],
    *(FIELDS[name] for name in (
        "id", "ids", "first_id", "second_id", "other_id", "center_id", "center_ids", "into_id",
        "text_id", "call_id", "edit_id", "consent_id", "owner_id", "owner_ids", "leads_to",
        "rule_ids", "user_id", "subject_id", "before", "before_first_id", "before_second_id",
    )),
])  # fmt: skip
# Lists that always have as many items, which the text says.
OF_ONE_LENGTH = frozenset({FIELDS["week"]})
# Objects with keys that are not fields of a form: what someone calls them, or what a browser does.
_WHOLE = frozenset({"credential", "fields", "mapping", "statuses"})


def label_of(loc: Sequence[str | int], model: str = "") -> Field | None:
    """Return what is known of the field at a location in a schema: the innermost that has a label.

    `model` is the name of the schema.
    """
    names = [str(step) for step in loc]
    if names and names[0] in _WHOLE:
        names = names[:1]
    known = (FIELDS_OF.get((model, name)) or FIELDS.get(name) for name in reversed(names))
    return next(filter(None, known), None)
