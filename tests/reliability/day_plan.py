"""What happens in a simulated day, step by step. The same seed makes the same plan."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.reliability.day_server import SERVERS, STEP, moment
from tests.world import GACHIBOWLI, TELLAPUR

# The steps in which something happens, of those from 9:15 to 19:45; centers open at the fourth.
BUSY, ALL, OPEN = range(41), 43, 3
# The people of each center. The first two are at work all day.
PEOPLE = {TELLAPUR: (11, 12, 13, 14), GACHIBOWLI: (21, 22, 23, 24)}
STEADY = {11, 12, 21, 22}
CENTER_OF = {id: center for center, ids in PEOPLE.items() for id in ids}
# One comes at noon, by working hours of their own.
LATE, NOON = 23, 11
CRASHES = 3
# Of 20: how the leads come in.
WAYS = ("meta",) * 8 + ("flat",) * 6 + ("manual",) * 2 + ("import",) * 3 + ("again",)
OUTCOMES: tuple[dict[str, Any] | None, ...] = (
    *({"outcome": one} for one in ("no_answer", "no_answer", "busy", "switched_off", "call_back")),
    *({"outcome": "spoke", "status": one} for one in ("Called", "Joined")),
    {"outcome": "spoke", "status": "Trial Scheduled", "trial_at": "2026-11-05T16:00"},
    {"outcome": "spoke", "status": "Dead/Not Interested", "lost_reason": "Location/distance"},
    {"outcome": "wrong_number"},
    # They take a lead and go for a coffee.
    None,
)


@dataclass(frozen=True, slots=True)
class Child:
    """A child whose parent enquires: each number is another one."""

    number: int
    center: int

    @property
    def phone(self) -> str:
        return f"+9197{self.number:08}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Leads that come in one of the ways."""

    way: str
    children: tuple[Child, ...]


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls that a person makes one after the other, with their outcomes."""

    person: int
    outcomes: tuple[dict[str, Any] | None, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Someone comes or goes."""

    person: int
    kind: str


Task = Arrival | Calls | Move


@dataclass(slots=True)
class Plan:
    """A day: what is done in each step, and which server is killed after how many answers."""

    tasks: dict[int, list[Task]] = field(default_factory=lambda: defaultdict(list))
    kills: dict[int, tuple[int, int]] = field(default_factory=dict)
    # The steps between which each person is absent, without both.
    absences: list[tuple[int, int, int]] = field(default_factory=list)
    gone: int = 0

    def is_absent(self, person: int, step: int) -> bool:
        """Return whether someone was absent during a whole step."""
        is_late = person == LATE and step < NOON
        away = any(id == person and first < step < last for id, first, last in self.absences)
        return step < OPEN or is_late or away

    def children(self) -> Iterator[Child]:
        """Yield all children that come in, once."""
        for tasks in self.tasks.values():
            for task in tasks:
                if isinstance(task, Arrival) and task.way != "again":
                    yield from task.children


def make(leads: int, seed: int) -> Plan:
    """Return the plan of a day on which so many leads come in."""
    chance = random.Random(seed)
    plan = Plan()
    _come_and_go(plan, chance)
    _arrive(plan, leads, chance)
    _call(plan, leads, chance)
    for tasks in plan.tasks.values():
        chance.shuffle(tasks)
    busy = sorted(BUSY, key=lambda step: len(plan.tasks[step]))[-20:]
    for step in chance.sample(busy, CRASHES):
        most = max(2, len(plan.tasks[step]))
        plan.kills[step] = chance.randrange(SERVERS), chance.randrange(1, most)
    return plan


def _come_and_go(plan: Plan, chance: random.Random) -> None:
    def absent(person: int, kind: str, first: int, last: int) -> None:
        plan.tasks[first].append(Move(person, kind))
        plan.absences.append((person, first, last))

    for first in (chance.randrange(6, 14), chance.randrange(24, 32)):
        last = first + chance.randrange(2, 6)
        absent(13, "away", first, last)
        plan.tasks[last].append(Move(13, "back"))
    first = chance.randrange(5, 25)
    absent(LATE, "away for an hour", first := max(first, NOON + 1), first + 4)
    first = chance.randrange(8, 20)
    last = first + chance.randrange(6, 12)
    absent(24, "on leave", first, last)
    plan.tasks[last].append(Move(24, "not on leave"))
    plan.gone = chance.randrange(15, 25)
    absent(14, "disabled", plan.gone, ALL + 1)


def _arrive(plan: Plan, leads: int, chance: random.Random) -> None:
    known: list[Child] = []
    number = 0
    while number < leads:
        way = chance.choice(WAYS)
        most = {"meta": 5, "import": 12}.get(way, 1)
        many = min(chance.randint(1, most), leads - number)
        if way == "again":
            if known:
                late = chance.choice([*BUSY][len(BUSY) // 2 :])
                plan.tasks[late].append(Arrival(way, (chance.choice(known),)))
            continue
        center = chance.choice((TELLAPUR, GACHIBOWLI))
        children = tuple(Child(number + one, center) for one in range(many))
        number += many
        step = chance.choice(BUSY)
        plan.tasks[step].append(Arrival(way, children))
        if step < len(BUSY) // 2:
            known.extend(children)


def _call(plan: Plan, leads: int, chance: random.Random) -> None:
    for _ in range(int(leads * 0.6)):
        step, person = chance.choice(BUSY[OPEN:]), chance.choice([*CENTER_OF])
        goes = any(id == person and first <= step <= last for id, first, last in plan.absences)
        if goes or plan.is_absent(person, step):
            continue
        plan.tasks[step].append(Calls(person, (chance.choice(OUTCOMES),)))
    # What one person does in a step is done one after the other.
    for step, tasks in plan.tasks.items():
        made: dict[int, list[dict[str, Any] | None]] = defaultdict(list)
        for task in tasks:
            if isinstance(task, Calls):
                made[task.person].extend(task.outcomes)
        others = [task for task in tasks if not isinstance(task, Calls)]
        plan.tasks[step] = [*others, *(Calls(id, tuple(each)) for id, each in made.items())]


def step_of(at: Any) -> int:
    """Return the step of a moment."""
    return int((at - moment(0)) / STEP)
