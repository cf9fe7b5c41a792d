"""Reads leads from Meta's Graph API. An upstream that is slow, huge or hostile costs little.

No redirect is followed, nothing but the graph host is called, an answer ends at a size and at a
time, and neither the access token nor the proof of it is ever in a message or in a line of a log.

Source: Meta's documents 'Retrieving Leads' and 'Secure Graph API Calls'. They send the token as a
parameter; so do we.
"""

import hmac
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from backend.core.intake.meta import notifications
from backend.core.intake.meta.graph_errors import Trouble, read_trouble
from backend.core.settings import Settings

if TYPE_CHECKING:
    import httpx

FIELDS = (
    "id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,"
    "is_organic,platform,field_data"
)
# In seconds and bytes: what one answer may take. A lead is a few KB, a page of 100 a few hundred.
DEADLINE = 10.0
MAX_ANSWER = 4 << 20
MAX_LEAD = 256 << 10
PAGE = 100
# A form is read so far and no further: 100,000 leads, far more than Meta keeps of most.
MAX_PAGES = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """A lead, or the trouble in its place."""

    lead: dict[str, Any] | None = None
    problem: Trouble | None = None


_SOMETHING_ELSE = Trouble("upstream", "The graph host answered something else")


class Client:
    """Connections to the graph host. Safe to use from several threads."""

    def __init__(self, base: str, version: str, token: str, secret: str) -> None:
        from http.cookiejar import CookieJar, DefaultCookiePolicy

        import httpx

        from backend.core.intake.meta import deadline

        _hide_queries()
        self._base = httpx.URL(f"{base.rstrip('/')}/{version}/")
        self._auth = {"access_token": token}
        if secret:
            proof = hmac.new(secret.encode(), token.encode(), sha256).hexdigest()
            self._auth["appsecret_proof"] = proof
        self._http = httpx.Client(
            follow_redirects=False,
            timeout=DEADLINE / 2,
            limits=httpx.Limits(max_connections=16),
            # What is packed may be a thousand times as large when it is unpacked.
            headers={"accept-encoding": "identity", "user-agent": "tofa-crm"},
            # None is kept: a host that sends new ones each time would fill the memory with them.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
        deadline.hold(self._http)

    @classmethod
    def of(cls, settings: Settings) -> "Client":
        return cls(
            settings.meta_graph_url,
            settings.meta_graph_version,
            settings.meta_access_token.get_secret_value(),
            settings.meta_app_secret.get_secret_value(),
        )

    def close(self) -> None:
        self._http.close()

    def lead(self, leadgen_id: str) -> Answer:
        """One lead. Never raises for what the host does."""
        found = self._get(self._base.join(leadgen_id), {"fields": FIELDS}, MAX_LEAD)
        if isinstance(found, Trouble):
            return Answer(problem=found)
        if not is_lead(found) or notifications.as_id(found["id"]) != leadgen_id:
            return Answer(problem=_SOMETHING_ELSE)
        return Answer(lead=found)

    def trouble(self) -> Trouble | None:
        """Why the host would not answer us, if it would not."""
        found = self._get(self._base.join("me"), {"fields": "id"})
        return found if isinstance(found, Trouble) else None

    def pages(self, form_id: str, since: int) -> Iterator[list[dict[str, Any]] | Trouble]:
        """The leads of a form that came after a time (seconds, UTC), page by page.

        Ends at the first trouble. What is no lead is left out.
        """
        import httpx

        wanted = [{"field": "time_created", "operator": "GREATER_THAN", "value": since}]
        url = self._base.join(f"{form_id}/leads")
        query = {
            "fields": FIELDS,
            "limit": str(PAGE),
            "filtering": orjson.dumps(wanted).decode(),
        }
        for _ in range(MAX_PAGES):
            page = self._get(url, query)
            if isinstance(page, Trouble):
                yield page
                return
            leads = page.get("data")
            if not isinstance(leads, list):
                yield _SOMETHING_ELSE
                return
            yield [lead for lead in leads if isinstance(lead, dict) and is_lead(lead)]
            paging = page.get("paging")
            following = paging.get("next") if isinstance(paging, dict) else None
            if not following:
                return
            try:
                # What is compared is what is called: one reading of the address, not two.
                url = httpx.URL(following)
            except (httpx.InvalidURL, TypeError):
                yield Trouble("upstream", "The address of the next page can't be read")
                return
            if _host(url) != _host(self._base) or url.userinfo:
                yield Trouble("upstream", "The next page is on another host: not followed")
                return
            # It carries the parameters of the first call, and a place to go on from.
            query = dict(url.params)
        yield Trouble("upstream", "The form has more pages than are read at once")

    def _get(
        self, url: "httpx.URL", query: Mapping[str, str], most: int = MAX_ANSWER
    ) -> dict[str, Any] | Trouble:
        """An answer of at most so many bytes, that can be written as it was read."""
        import httpx

        from backend.core.intake.meta import deadline

        body = bytearray()
        try:
            # `params` takes the place of whatever query the address has.
            with (
                deadline.within(DEADLINE),
                self._http.stream("GET", url, params={**query, **self._auth}) as answer,
            ):
                if answer.headers.get("content-encoding", "identity") != "identity":
                    return Trouble("upstream", "The graph host packs its answers")
                for chunk in answer.iter_raw():
                    body += chunk
                    if len(body) > most:
                        return Trouble("upstream", "The graph host answered too much")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            # Its message may hold the address, and that the token.
            return Trouble("upstream", f"The graph host can't be read: {type(error).__name__}")
        try:
            value = orjson.loads(body)
            # What is nested so deep that it is read and can't be written could not be kept.
            orjson.dumps(value)
        except (orjson.JSONDecodeError, orjson.JSONEncodeError):
            return Trouble("upstream", f"The graph host answered {answer.status_code}, not JSON")
        if not isinstance(value, dict):
            return _SOMETHING_ELSE
        if answer.status_code != 200 or "error" in value:
            return read_trouble(value.get("error"), answer.status_code, answer.headers)
        return value


def is_lead(value: Mapping[str, Any]) -> bool:
    return notifications.as_id(value.get("id")) is not None and isinstance(
        value.get("field_data"), list
    )


def _host(url: "httpx.URL") -> tuple[str, str, int | None]:
    """A port that its scheme has anyway is None."""
    return url.scheme, url.host, url.port


class _WithoutQuery(logging.Filter):
    """httpx writes the address of each request into its log: this leaves our tokens out of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        import httpx

        if isinstance(record.args, tuple):
            record.args = tuple(
                arg.copy_with(query=None)
                if isinstance(arg, httpx.URL) and "access_token" in arg.params
                else arg
                for arg in record.args
            )
        return True


_without_query = _WithoutQuery()


def _hide_queries() -> None:
    logging.getLogger("httpx").addFilter(_without_query)  # adding it twice does nothing
