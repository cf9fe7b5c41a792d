"""The installation itself: onboarding, health, the web app's files and the API's documentation."""

from hmac import compare_digest

from backend.api import docs, page
from backend.api.messages import Head, Response
from backend.api.operation import ANYONE, TEAM_LEAD, Call, Operation, Unit
from backend.core import onboarding
from backend.core.errors import NotFound, NotReady, Unauthenticated
from backend.core.lifecycle import readiness
from backend.core.settings import Settings
from backend.schemas.health import Alive
from backend.schemas.system import MetaCheck, Onboarding


def show_onboarding(call: Call) -> Onboarding:
    return onboarding.show(call.session, call.settings)


def check_meta(call: Call) -> MetaCheck:
    return onboarding.check(call.settings)


def show_alive(_call: Call) -> Alive:
    return readiness.alive()


def show_ready(call: Call) -> Alive:
    return readiness.ready(call.db)


def admit_to_metrics(settings: Settings, head: Head) -> None:
    """Check the token for the metrics. Raises `NotFound` if there is none, `Unauthenticated`."""
    token = settings.metrics_token.get_secret_value()
    if not token:
        raise NotFound
    scheme, _, given = head.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not compare_digest(given.strip().encode(), token.encode()):
        raise Unauthenticated


def show_metrics(call: Call) -> Response:
    assert call.metrics is not None
    from backend.api.metrics import CONTENT_TYPE

    return Response(200, call.metrics.text(), {"content-type": CONTENT_TYPE})


OPERATIONS = (
    Operation(
        name="show_onboarding",
        method="GET",
        path="/onboarding/",
        summary="Show which setup steps are done, and the settings for Meta",
        access=TEAM_LEAD,
        unit=Unit.READ,
        handler=show_onboarding,
        answer=Onboarding,
    ),
    Operation(
        name="check_meta",
        method="POST",
        path="/onboarding/meta-check",
        summary="Check the connection to Meta",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        handler=check_meta,
        answer=MetaCheck,
    ),
    Operation(
        name="show_alive",
        method="GET",
        path="/healthz",
        summary="Check that the server is running; doesn't use the database",
        access=ANYONE,
        unit=Unit.NONE,
        handler=show_alive,
        answer=Alive,
        at_once=True,
    ),
    Operation(
        name="show_ready",
        method="GET",
        path="/readyz",
        summary="Check that the database can be used",
        access=ANYONE,
        unit=Unit.MANUAL,
        handler=show_ready,
        answer=Alive,
        errors=(NotReady,),
    ),
    Operation(
        name="show_metrics",
        method="GET",
        path="/metrics",
        summary="Metrics for Prometheus",
        access=ANYONE,
        admit=admit_to_metrics,
        unit=Unit.MANUAL,
        handler=show_metrics,
        answer=Response,
        documented=False,
    ),
    Operation(
        name="home",
        method="GET",
        path="/",
        summary="The web app",
        access=ANYONE,
        unit=Unit.NONE,
        handler=page.home,
        answer=Response,
        documented=False,
    ),
    Operation(
        name="service_worker",
        method="GET",
        path="/sw.js",
        summary="The service worker of the web app",
        access=ANYONE,
        unit=Unit.NONE,
        handler=page.service_worker,
        answer=Response,
        documented=False,
    ),
    Operation(
        name="page_file",
        method="GET",
        path="/web/{name:path}",
        summary="A file of the web app",
        access=ANYONE,
        unit=Unit.NONE,
        handler=page.file,
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
        handler=docs.page,
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
        handler=docs.file,
        answer=Response,
        documented=False,
    ),
)
