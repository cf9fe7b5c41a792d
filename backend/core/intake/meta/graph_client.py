"""Read leads from Meta's Graph API. A host that is slow, huge or hostile costs little.

No redirect is followed, nothing but the graph host is called, an answer ends at a size and at a
time, and neither the access token nor its proof is ever in a message or in a line of a log.

Source: Meta's documents 'Retrieving Leads' and 'Secure Graph API Calls'. They send the token as a
parameter, and so does this client.
"""

import hmac
import logging
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from backend.core.intake.meta import notifications, versions
from backend.core.intake.meta.graph_errors import GraphError, read_error
from backend.core.reasons import Reason, ReasonCode
from backend.core.settings import Settings

if TYPE_CHECKING:
    import httpx

FIELDS = (
    "id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,"
    "is_organic,platform,field_data,custom_disclaimer_responses"
)
# In seconds and bytes: what one answer may take. A lead is a few KB, a page of 100 a few hundred.
DEADLINE = 10.0
MAX_ANSWER = 4 << 20
MAX_LEAD = 256 << 10
PAGE = 100
# A form is read up to this page: 100,000 leads, far more than Meta keeps of most.
MAX_PAGES = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """A lead, or the error in its place; `notice` is what Meta says of the API's version."""

    lead: dict[str, Any] | None = None
    error: GraphError | None = None
    notice: Reason | None = None


_UNEXPECTED = GraphError.upstream(ReasonCode.UNEXPECTED_ANSWER)


class Client:
    """Connections to the graph host. Safe to use from several threads."""

    def __init__(self, base: str, version: str, token: str, secret: str) -> None:
        from http.cookiejar import CookieJar, DefaultCookiePolicy

        import httpx

        from backend.core.intake.meta.transport import Transport

        _hide_queries()
        self._base = httpx.URL(f"{base.rstrip('/')}/{version}/")
        self._version = version
        self._secret = secret
        self._secrets = [secret]
        self._use(token)
        # What the last answers say of the API's version, if anything.
        self.notice: Reason | None = None
        self._http = httpx.Client(
            transport=Transport(self._base),
            follow_redirects=False,
            timeout=DEADLINE / 2,
            # A compressed answer may be a thousand times as large once it is decompressed.
            headers={"accept-encoding": "identity", "user-agent": "tofa-crm"},
            # A host that sends new cookies each time would fill the memory with them.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    @classmethod
    def of(cls, settings: Settings) -> "Client":
        """Return a client for the host and the token of the settings."""
        return cls(
            settings.meta_graph_url,
            settings.meta_graph_version,
            settings.meta_access_token.get_secret_value(),
            settings.meta_app_secret.get_secret_value(),
        )

    def _use(self, token: str) -> None:
        self._auth = {"access_token": token}
        if self._secret:
            proof = hmac.new(self._secret.encode(), token.encode(), sha256).hexdigest()
            self._auth["appsecret_proof"] = proof
        self._secrets += self._auth.values()

    def close(self) -> None:
        self._http.close()

    def lead(self, leadgen_id: str) -> Answer:
        """Return one lead. Never raises for what the host does."""
        found = self._get(self._base.join(leadgen_id), {"fields": FIELDS}, MAX_LEAD)
        if isinstance(found, GraphError):
            return Answer(error=found, notice=self.notice)
        if not is_lead(found) or notifications.as_id(found["id"]) != leadgen_id:
            return Answer(error=_UNEXPECTED)
        return Answer(lead=found, notice=self.notice)

    def check(self) -> GraphError | None:
        """Return why the host doesn't answer with this token, or None where it does."""
        found = self.read("me", fields="id")
        return found if isinstance(found, GraphError) else None

    def read(self, path: str, **query: str) -> dict[str, Any] | GraphError:
        """Return an object of the graph, such as a form."""
        return self._get(self._base.join(path), query)

    def inspect(self) -> dict[str, Any] | GraphError:
        """Return what Meta knows of the token itself."""
        return self.read("debug_token", input_token=self._auth["access_token"])

    def as_page(self, token: str) -> "Client":
        """Return a client for a page's own token, over the same connections."""
        client = copy(self)
        client._secrets = list(self._secrets)
        client._use(token)
        return client

    def pages(self, form_id: str, since: int) -> Iterator[list[dict[str, Any]] | GraphError]:
        """Yield the leads of a form that came after a time (seconds, UTC), page by page.

        Ends at the first error, which comes last. What is no lead is left out.
        """
        wanted = [{"field": "time_created", "operator": "GREATER_THAN", "value": since}]
        filtering = orjson.dumps(wanted).decode()
        for page in self.listed(f"{form_id}/leads", fields=FIELDS, filtering=filtering):
            yield page if isinstance(page, GraphError) else [lead for lead in page if is_lead(lead)]

    def listed(self, path: str, **query: str) -> Iterator[list[dict[str, Any]] | GraphError]:
        """Yield the objects of a list of the graph, page by page.

        Ends at the first error, which comes last. What is no object is left out.
        """
        url = self._base.join(path)
        query = {**query, "limit": str(PAGE)}
        for _ in range(MAX_PAGES):
            page = self._get(url, query)
            if isinstance(page, GraphError):
                yield page
                return
            found = page.get("data")
            if not isinstance(found, list):
                yield _UNEXPECTED
                return
            yield [one for one in found if isinstance(one, dict)]
            following = self._next_page(page)
            if following is None:
                return
            if isinstance(following, GraphError):
                yield following
                return
            # It carries the parameters of the first call, and a place to go on from.
            url, query = following, dict(following.params)
        yield GraphError.upstream(ReasonCode.TOO_MANY_PAGES)

    def _next_page(self, page: Mapping[str, Any]) -> "httpx.URL | GraphError | None":
        """Return the address of the page after this one, if it is the graph host's own."""
        import httpx

        paging = page.get("paging")
        following = paging.get("next") if isinstance(paging, dict) else None
        if not following:
            return None
        try:
            # What is compared is what is called: one reading of the address, not two.
            url = httpx.URL(following)
        except (httpx.InvalidURL, TypeError):
            return GraphError.upstream(ReasonCode.BAD_NEXT_PAGE)
        if _host(url) != _host(self._base) or url.userinfo:
            return GraphError.upstream(ReasonCode.OTHER_HOST)
        return url

    def _get(
        self, url: "httpx.URL", query: Mapping[str, str], most: int = MAX_ANSWER
    ) -> dict[str, Any] | GraphError:
        """Return an answer of at most so many bytes, which can be written as it was read."""
        answer = self._read(url, query, most)
        if isinstance(answer, GraphError):
            return answer
        try:
            value = orjson.loads(answer.body)
            # What is nested so deep that it can be read and not written could not be kept.
            orjson.dumps(value)
        except (orjson.JSONDecodeError, orjson.JSONEncodeError):
            return GraphError.upstream(ReasonCode.NOT_JSON, status=answer.status)
        if not isinstance(value, dict):
            return _UNEXPECTED
        if answer.status != 200 or "error" in value:
            return read_error(value.get("error"), answer.status, answer.headers, self._secrets)
        return value

    def _read(self, url: "httpx.URL", query: Mapping[str, str], most: int) -> "_Read | GraphError":
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
                    return GraphError.upstream(ReasonCode.COMPRESSED_ANSWER)
                for chunk in answer.iter_raw():
                    body += chunk
                    if len(body) > most:
                        return GraphError.upstream(ReasonCode.ANSWER_TOO_LARGE)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            # Its message may hold the address, and that the token.
            return GraphError.upstream(ReasonCode.UNREACHABLE, error=type(error).__name__)
        self.notice = versions.told(answer.headers, self._version) or self.notice
        return _Read(answer.status_code, answer.headers, bytes(body))


@dataclass(frozen=True, slots=True)
class _Read:
    """An answer that was read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_lead(value: Mapping[str, Any]) -> bool:
    """Return whether a JSON object has what every lead of Meta has."""
    return notifications.as_id(value.get("id")) is not None and isinstance(
        value.get("field_data"), list
    )


def _host(url: "httpx.URL") -> tuple[str, str, int | None]:
    """Return scheme, host and port; a port that its scheme has anyway is None."""
    return url.scheme, url.host, url.port


class _WithoutQuery(logging.Filter):
    """Leave our tokens out of the log of httpx, which has the address of each request."""

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
