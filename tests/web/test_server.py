"""What the web app repeats of the server: codes, limits and routes are the same on both sides."""

import re
from typing import get_args

import pytest

from backend.api.routes import OPERATIONS
from backend.core.imports.columns import IGNORE
from backend.core.imports.rows import Verdict
from backend.core.intake import field_mapping, retry_policy
from backend.core.leads import call_queue, criteria
from backend.core.leads.attempt_counts import MESSAGES, UNANSWERED
from backend.core.leads.likeness import Likeness
from backend.core.reasons import DOUBTS, ReasonCode
from backend.core.reports import live
from backend.core.vocabulary.synonyms import FIELDS
from backend.models import (
    DeliveryState,
    EventKind,
    ImportState,
    Outcome,
    Role,
    Source,
    Status,
    TrialOutcome,
)
from backend.schemas import leads
from backend.schemas.attempts import MOST_SECONDS
from backend.schemas.call_queue import NextFilter
from backend.schemas.choices import OTHER_REASON
from backend.schemas.message_texts import PLACEHOLDERS
from tests.told import EXACT_REASONS
from tests.web.app import APP, MODULES, source
from tests.web.test_texts import entries

TEXTS = set(entries(APP / "texts" / "en.js"))


def array(module: str, name: str) -> list[str]:
    """Return the strings of `const NAME = [...]`; a name in it is looked up in the module."""
    found = re.search(rf"\bconst {name} = \[(.*?)\];", source(module), re.DOTALL)
    assert found is not None, name
    return [
        one or constant(module, of) for one, of in re.findall(r'"([^"]*)"|\b([A-Z]+)\b', found[1])
    ]


def constant(module: str, name: str) -> str:
    found = re.search(rf'\bconst {name} = (?:"([^"]*)"|([\d_]+));', source(module))
    assert found is not None, name
    return found[1] if found[1] is not None else found[2].replace("_", "")


def names(module: str, name: str) -> set[str]:
    """Return the keys of `const NAME = {...};`."""
    found = re.search(rf"\bconst {name} = \{{(.*?)\}};", source(module), re.DOTALL)
    assert found is not None, name
    return set(re.findall(r'"?([\w-]+)"?: "', found[1]))


def values(schema: type, field: str) -> set[str]:
    """Return the choices of a field of a query, or nothing if it takes any text."""
    annotation = leads.__dict__[schema.__name__].model_fields[field].annotation
    return {
        str(one)
        for each in (annotation, *get_args(annotation))
        for one in get_args(each)
        if isinstance(one, str)
    }


def texts(group: str) -> set[str]:
    return {key.partition(".")[2] for key in TEXTS if key.partition(".")[0] == group} - {"all", ""}


def test_statuses() -> None:
    assert array("leads/lead.js", "STATUSES") == list(Status)
    assert constant("leads/lead.js", "TRIAL") == Status.TRIAL_SCHEDULED
    assert constant("leads/lead.js", "LOST") == Status.DEAD
    assert texts("status") == set(Status)


def test_outcomes_of_trials() -> None:
    assert array("leads/lead.js", "TRIAL_OUTCOMES") == list(TrialOutcome)
    assert texts("trial_outcome") == set(TrialOutcome)
    assert constant("leads/lead.js", "OTHER") == OTHER_REASON


def test_outcomes_of_calls() -> None:
    found = re.search(r"const OUTCOMES = \[(.*?)\];", source("leads/tries.js"), re.DOTALL)
    assert found is not None
    codes = re.findall(r'\["(\w+)", "\w"\]', found[1])
    assert codes == list(Outcome)
    assert texts("outcome_of") == set(Outcome)
    at_once = re.search(r"AT_ONCE = new Set\(\[(.*?)\]", source("leads/call-outcome.js"))
    assert at_once is not None
    assert set(re.findall(r'"(\w+)"', at_once[1])) == UNANSWERED | MESSAGES
    assert int(constant("leads/call-outcome.js", "LONGEST")) == MOST_SECONDS


def test_placeholders() -> None:
    assert array("settings/message-texts.js", "PLACEHOLDERS") == list(PLACEHOLDERS)


def test_roles() -> None:
    assert set(array("settings/person.js", "ROLES")) == set(Role) == texts("role")


def test_sources() -> None:
    # `none` stands for leads without a source.
    assert texts("source") - {"none"} == set(Source)


def test_delivery_states() -> None:
    assert array("intake/deliveries.js", "STATES") == list(DeliveryState)
    assert texts("delivery_state") == set(DeliveryState)
    assert set(array("intake/delivery.js", "OPEN")) < set(DeliveryState)


def test_import_states() -> None:
    assert texts("import_state") == set(ImportState)
    assert names("imports/plan.js", "RUNNING") < set(ImportState)


def test_verdicts() -> None:
    assert array("imports/plan.js", "VERDICTS") == list(Verdict)
    assert texts("verdict") == set(Verdict)


def test_reasons() -> None:
    told = texts("import_reason") - {"lead", "row"} | texts("import_problem")
    assert told | texts("delivery_reason") == set(ReasonCode) - EXACT_REASONS
    assert texts("import_doubt") == set(DOUBTS)


def test_reasons_of_deliveries() -> None:
    told = texts("delivery_reason")
    assert told <= set(ReasonCode)
    # Other codes are details, which are in the server's own text.
    groups = {"unknown_center", "no_center", "no_phone", "no_contact", "unreadable"}
    assert set(retry_policy.TABLE) | set(Verdict) - {"waiting", "reject"} | groups <= told
    assert set(array("intake/health.js", "FINE")) < set(ReasonCode)


def test_fields_of_spreadsheets_and_forms() -> None:
    assert array("imports/column-mapping.js", "FIELDS") == list(FIELDS)
    assert f'"{IGNORE}"' in source("imports/column-mapping.js")
    assert set(array("intake/forms.js", "FIELDS")) < set(FIELDS)
    assert texts("field") == set(FIELDS)
    assert array("intake/forms.js", "FIELDS") == list(field_mapping.FIELDS)


def test_statuses_of_spreadsheets() -> None:
    assert array("imports/statuses.js", "STATUSES") == list(Status)


def test_reasons_of_duplicates() -> None:
    assert texts("duplicate_reason") == set(Likeness)


def test_kinds_of_events() -> None:
    assert names("leads/history.js", "ICONS") == set(EventKind)
    assert texts("activity") - {"empty", "undone"} == set(EventKind)


def test_filters() -> None:
    fields = set(leads.LeadFilter.model_fields) | {"sort"}
    shown, hidden = (array("leads/filters.js", name) for name in ("SHOWN", "HIDDEN"))
    assert {"q", "sort", *shown, *hidden} == fields
    assert set(array("leads/filters.js", "DUE")) <= values(leads.LeadFilter, "due")
    assert set(array("leads/filters.js", "SORTS")) < values(leads.LeadPageQuery, "sort")
    assert texts("first_call") == values(leads.LeadFilter, "first_call")
    assert texts("stage") == {"leads", *criteria.REACHED}
    assert texts("did") == values(leads.LeadFilter, "did")
    assert texts("work") == values(leads.LeadFilter, "work")


def test_limits() -> None:
    at_once = leads.LeadsChange.model_fields["ids"].metadata
    assert int(constant("leads/bulk-edit.js", "MOST_AT_ONCE")) in {
        getattr(one, "max_length", None) for one in at_once
    }
    assert int(constant("pages/next.js", "MOST_COUNTED")) == call_queue.MOST
    assert int(constant("pages/live.js", "MOST_COUNTED")) == live.MOST


def test_skipped_leads_fit_into_a_request() -> None:
    skip = NextFilter.model_json_schema()["properties"]["skip"]
    assert skip["anyOf"][0]["maxLength"] == int(constant("pages/next.js", "LONGEST_SKIP"))
    assert int(constant("pages/next.js", "MOST_SKIPPED")) == call_queue.MOST_SKIPPED


_CALL = r"\b(?:get|post|patch|put|download|useLoad|arrays|send|ask)"
_PATH = re.compile(_CALL + r'\(\s*(?:"[A-Z]+", )?["`](/[^"`]*)["`]')
_SOURCE_PATH = re.compile(r'\bpath: "(/[^"]*)"')


@pytest.mark.parametrize("module", [one for one in MODULES if "/" in one or one == "api.js"])
def test_every_path_is_one_of_the_api(module: str) -> None:
    patterns = [re.sub(r"\{[^}]*\}", "[^/]+", one.path) for one in OPERATIONS]
    text = source(module)
    for call in (*_PATH.findall(text), *_SOURCE_PATH.findall(text)):
        path = re.sub(r"\$\{[^}]*\}", "x", call).partition("?")[0]
        assert any(re.fullmatch(one, path) for one in patterns), call
