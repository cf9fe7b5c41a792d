"""A simulated day: leads come in, people come, go and call, and servers are killed."""

import itertools
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from tests import told
from tests.graph_host import GraphHost
from tests.reliability.day_plan import ALL, LATE, PEOPLE, Arrival, Calls, Child, Move, Plan, Task
from tests.reliability.day_server import SERVERS, Board, Servers, moment
from tests.servers import Answer, Client, Upload
from tests.waiting import wait_until
from tests.world import LEAD, TELLAPUR, World

SECRET = "app_secret_of_the_day"
# How many things happen at once.
THREADS = 8
CLAIM_MINUTES = 20
# For so many steps after that in which it was taken, nobody else may have a lead.
CLAIMED = 1
FORM = told.FORM
TAGS = {TELLAPUR: "TOFA Tellapur"}
WEEK = [[{"opens": "10:00", "closes": "20:00"}]] * 7
FROM_NOON = [[{"opens": "12:00", "closes": "20:00"}]] * 7


def tag(child: Child) -> str:
    return TAGS.get(child.center, "TOFA Gachibowli")


@dataclass(slots=True)
class Day:
    """The day as it goes: what was acknowledged, and what went wrong."""

    world: World
    servers: Servers
    board: Board
    plan: Plan
    host: GraphHost
    tokens: Mapping[int, str]
    faults: list[str] = field(default_factory=list)
    acknowledged: set[Child] = field(default_factory=set)
    calls: int = 0
    refused: int = 0
    lost_answers: int = 0
    requests: int = 0
    _hands: dict[int, tuple[int, int]] = field(default_factory=dict)
    _answers: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turns: Any = field(default_factory=itertools.count)

    def run(self) -> None:
        """Let the day pass."""
        with ThreadPoolExecutor(THREADS) as pool:
            for step in range(ALL):
                self._answers = 0
                self.board.step = step
                for _ in pool.map(self._do, list(self.plan.tasks[step])):
                    pass
                if step in self.plan.kills:
                    self._kill_once(step)
                wait_until(self.board.are_done)

    def ask(self, method: str, target: str, *good: int, **given: Any) -> Answer:
        """Send a request until there is an answer, to one server or the other."""
        turn = next(self._turns)
        answer = None
        while answer is None:
            try:
                answer = Client(self.servers.ports[turn % SERVERS]).request(method, target, **given)
            except (OSError, HTTPException):
                self.lost_answers += 1
                turn += 1
        if answer.status not in (good or (200,)):
            self.faults.append(f"{method} {target}: {answer.status} {answer.body[:200]!r}")
        self._count()
        return answer

    def _count(self) -> None:
        step = self.board.step
        with self._lock:
            self.requests += 1
            self._answers += 1
            _, after = self.plan.kills.get(step, (0, 0))
            is_time = self._answers == after
        if is_time:
            self._kill_once(step)

    def _kill_once(self, step: int) -> None:
        with self._lock:
            found = self.plan.kills.pop(step, None)
            if found is not None:
                self.servers.restart(found[0])

    def _do(self, task: Task) -> None:
        match task:
            case Arrival():
                self._arrive(task)
            case Calls():
                for number, outcome in enumerate(task.outcomes):
                    self._call(task.person, outcome, f"{self.board.step}-{task.person}-{number}")
            case Move():
                self._move(task)

    def _arrive(self, task: Arrival) -> None:
        match task.way:
            case "meta":
                ids = [str(10**15 + child.number) for child in task.children]
                self.host.forms[FORM].extend(map(self._meta_lead, ids, task.children))
                self.ask("POST", "/leads/meta-webhook/", **told.signed(SECRET, *ids))
            case "import":
                self._import(task.children)
            case "manual":
                (child,) = task.children
                new = {"player_name": f"Child {child.number}", "phone": child.phone}
                self.ask(
                    "POST", "/leads/", 200, 201,
                    json=new | {"center_id": child.center},
                    token=self.world.token(LEAD),
                    headers={"Idempotency-Key": f"child-{child.number}-added"},
                )  # fmt: skip
            case _:
                (child,) = task.children
                said = {"phone_number": child.phone, "full_name": f"Child {child.number}"}
                sent = said | {"nearest_center": tag(child)}
                known = {"X-Webhook-Token": SECRET}
                answer = self.ask("POST", "/leads/meta-webhook/", json=sent, headers=known)
                if answer.json()["status"] != "success":
                    self.faults.append(f"{child}: {answer.body!r}")
        self.acknowledged.update(task.children)

    def _meta_lead(self, id: str, child: Child) -> dict[str, Any]:
        return told.lead(
            id,
            center=tag(child),
            created_time=f"{self.board.now():%Y-%m-%dT%H:%M:%S+0000}",
            phone_number=child.phone,
            full_name=f"Child {child.number}",
        )

    def _import(self, children: tuple[Child, ...]) -> None:
        lines = ["player_name,phone,_which_is_the_nearest_tofa_center_to_you?"]
        lines += [f"Child {one.number},{one.phone},{tag(one)}" for one in children]
        file = Upload("leads.csv", "\n".join(lines).encode())
        answer = self.ask("POST", "/leads/upload/", file=file, token=self.world.token(LEAD))
        said = answer.json()
        if said["leads_added"] + said.get("already_here", 0) != len(children):
            self.faults.append(f"an import of {len(children)}: {said}")

    def _call(self, person: int, outcome: dict[str, Any] | None, key: str) -> None:
        """Take the next lead that nobody has in hand, and call it."""
        token = self.tokens[person]
        for lead in self.ask("GET", "/leads/next?limit=5", token=token).json()["leads"]:
            id = lead["id"]
            if self.ask("POST", f"/leads/{id}/claim", 200, 409, token=token).status == 409:
                self.refused += 1
                continue
            self._take(person, id)
            if outcome is not None:
                with self._lock:
                    del self._hands[id]
                self.ask(
                    "POST", f"/leads/{id}/calls/", 200, 201,
                    json=outcome | {"client_key": f"call-{key}"},
                    token=token,
                    headers={"Idempotency-Key": f"call-{key}"},
                )  # fmt: skip
                self.calls += 1
            return

    def _take(self, person: int, lead: int) -> None:
        step = self.board.step
        with self._lock:
            other, since = self._hands.get(lead, (person, step))
            if other != person and step <= since + CLAIMED:
                self.faults.append(f"{other} and {person} have lead {lead} in hand")
            self._hands[lead] = person, step

    def _move(self, task: Move) -> None:
        own, lead = self.tokens[task.person], self.world.token(LEAD)
        match task.kind:
            case "away":
                self.ask("PUT", "/presence/me", json={"away": True}, token=own)
            case "away for an hour":
                sent = {"away": True, "period": "hour"}
                self.ask("PUT", "/presence/me", json=sent, token=own)
            case "back":
                self.ask("PUT", "/presence/me", json={"away": False}, token=own)
            case "on leave":
                today = f"{moment(0):%Y-%m-%d}"
                self.ask("POST", "/leave/", 200, 201, json={"first_day": today}, token=own)
            case "not on leave":
                leave = self.ask("GET", "/presence/me", token=own).json()["leave"]
                for one in leave:
                    self.ask("DELETE", f"/leave/{one['id']}", 200, 404, token=own)
            case "disabled":
                gone = {"disabled": True, "leads_by_rule": True}
                self.ask("PATCH", f"/users/{task.person}", json=gone, token=lead)

    def begin(self) -> None:
        """Set hours, targets, rules, and when someone works who comes later."""
        lead = self.world.token(LEAD)
        rules = {"week": WEEK, "first_call_minutes": 45, "follow_up_minutes": 60}
        self.ask("PATCH", "/calling-rules/", json=rules, token=lead)
        for center, people in PEOPLE.items():
            rule = {"center_id": center, "shares": [{"user_id": id} for id in people]}
            self.ask("POST", "/assignment-rules/", 200, 201, json=rule, token=lead)
        self.ask("PATCH", f"/users/{LATE}/presence", json={"week": FROM_NOON}, token=lead)


def given(url: str, host: GraphHost) -> dict[str, Any]:
    """Return the settings of the servers."""
    return {
        "database_url": url,
        "meta_app_secret": SECRET,
        "meta_access_token": "EAAtoken",
        "meta_graph_url": host.url,
        "webhook_token": SECRET,
        "claim_minutes": CLAIM_MINUTES,
    }
