"""The memory of a server after thousands of mixed requests: it must stay as it is."""

import statistics
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

import psutil

from benchmarks import academy
from benchmarks.academy import Academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan
from benchmarks.servers import Server, serve

REQUESTS = 20_000
LEADS = 500
# Into so many parts the requests are divided; the first ones fill caches and pools.
PARTS = 20
WARM = 5
# In MB: what the memory may grow by after that. 1 KB a request would be 15.
BOUND = 5.0

_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Request = tuple[str, str, bytes | None, Mapping[str, str]]


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    requests = plan.size(REQUESTS)
    for kind in plan.databases:
        made = academy.build(databases.create_with_tables(kind), plan.size(LEADS))
        for name in plan.servers:
            with serve(name, made.url, FILES_PER_HOUR="1000000") as server:
                sizes, failed = _ask(server, made, requests, plan.size(LEADS))
            what = f"{kind}, {name}, {requests:,} requests"
            # Of several parts, since an allocator gives memory back when it likes.
            before, after = statistics.median(sizes[WARM : WARM + 5]), statistics.median(sizes[-5:])
            yield Figure(f"{what}: answers of 500 and more", failed, "", bound=0)
            yield Figure(f"{what}: memory", after, "MB")
            yield Figure(
                f"{what}: growth after the first quarter", after - before, "MB", bound=BOUND
            )


def _ask(server: Server, made: Academy, requests: int, leads: int) -> tuple[list[float], int]:
    """Send the requests. Return the memory in MB after each part, and how many failed."""
    mix = _mix(made, leads)
    process = psutil.Process(server.process.pid)
    sizes: list[float] = []
    failed = 0
    connection = server.connect()
    for number in range(requests):
        method, target, body, headers = mix[number % len(mix)]
        connection.request(method, target, body, dict(headers))
        response = connection.getresponse()
        response.read()
        failed += response.status >= 500
        if (number + 1) * PARTS // requests > len(sizes):
            sizes.append(process.memory_info().rss / 1e6)
    connection.close()
    return sizes, failed


def _mix(made: Academy, leads: int) -> list[Request]:
    """Return what people, forms and strangers send. It adds no leads after the first time."""
    form, multipart = academy.form("leads.csv", academy.spreadsheet(20))
    login = urlencode({"username": academy.EMAIL, "password": academy.PASSWORD}).encode()
    lead = max(1, leads // 2)
    small: list[Request] = [
        ("GET", "/", None, {}),
        ("GET", "/leads/?q=rao", None, made.headers),
        ("GET", "/leads/next", None, made.headers),
        ("GET", f"/leads/{lead}", None, made.headers),
        ("GET", f"/leads/{lead}/history", None, made.headers),
        ("GET", "/reports/", None, made.headers),
        ("GET", "/centers/", None, {"Accept-Encoding": "gzip"}),
        ("PUT", f"/leads/{lead}?status=Called", None, made.headers),
        ("POST", "/leads/meta-webhook/", academy.flat_lead(1), _JSON),
        ("POST", "/leads/meta-webhook/", b'{"phone_number": NaN', _JSON),
        ("GET", "/nowhere/%ff?x=%00", None, {}),
        ("GET", "/users/", None, {"Authorization": "Bearer x.y.z"}),
    ]
    large: list[Request] = [
        ("GET", "/leads/my_leads", None, made.headers),
        ("GET", "/leads/export?format=csv", None, made.headers),
        ("POST", "/leads/upload/", form, {**made.headers, **multipart}),
        ("POST", "/token", login, _FORM),
    ]
    return small * 8 + large
