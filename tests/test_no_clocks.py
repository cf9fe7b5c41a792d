"""No test measures how long something takes: that depends on the machine, and benchmarks do it.

What a test may do with time is in tests/waiting.py: wait for a condition, with a generous end.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# In seconds: what ends a hang must not end a slow machine's work.
SHORTEST_DEADLINE = 60
CLOCKS = re.compile(
    r"\b(?:monotonic|perf_counter|process_time|thread_time|clock_gettime|os\.times|timeit)"
    r"(?:_ns)?\b(?!=)|\.elapsed\b|wait_for_timeout"
)
# Deadlines that only end a hang; each gives up after a minute or more.
MAY_READ_A_CLOCK = {"waiting.py", "postgres.py", "postgres_guard.py", "test_no_clocks.py"}
# And a host that is meant to be slow.
MAY_SLEEP = {"waiting.py", "postgres.py", "postgres_guard.py", "graph_host.py"}
# Where the first argument is a deadline.
WAITS = {"wait", "join", "result", "communicate", "wait_until", "is_soon"}


def faults(name: str, source: str) -> Iterator[str]:
    if name not in MAY_READ_A_CLOCK:
        for number, line in enumerate(source.split("\n"), 1):
            if found := CLOCKS.search(line):
                yield f"{name}:{number} reads a clock: {found[0]}"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(map(_is_a_duration, ast.walk(node))):
            yield f"{name}:{node.lineno} compares how long something took"
        if isinstance(node, ast.Call):
            if _name(node.func) == "sleep" and name not in MAY_SLEEP:
                yield f"{name}:{node.lineno} sleeps: wait for a condition"
            if name not in MAY_READ_A_CLOCK and any(_is_short(one) for one in _deadlines(node)):
                yield f"{name}:{node.lineno} waits less than {SHORTEST_DEADLINE} s"


def _is_a_duration(node: ast.AST) -> bool:
    """Whether it is a difference from the time that it is now."""
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Sub)
        and any(
            isinstance(side, ast.Call) and _name(side.func) in ("now", "utcnow", "time")
            for side in (node.left, node.right)
        )
    )


def _deadlines(call: ast.Call) -> Iterator[ast.expr]:
    yield from (one.value for one in call.keywords if one.arg in ("timeout", "patience"))
    if _name(call.func) in WAITS:
        yield from call.args


def _is_short(node: ast.expr) -> bool:
    number = node.value if isinstance(node, ast.Constant) else None
    return isinstance(number, int | float) and number < SHORTEST_DEADLINE


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def test_a_test_does_not_look_at_the_clock() -> None:
    assert [
        fault
        for path in sorted(TESTS.rglob("*.py"))
        for fault in faults(path.relative_to(TESTS).as_posix(), path.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.parametrize(
    "line",
    [
        "assert time.monotonic() - started < 2",
        "started = time.perf_counter_ns()",
        "assert answer.elapsed.total_seconds() < 1",
        "assert times.now() - created < timedelta(seconds=30)",
        "assert abs(datetime.now(UTC) - created) < timedelta(seconds=30)",
        "time.sleep(0.2)",
        "page.wait_for_timeout(100)",
        "process.communicate(timeout=10)",
        "done.wait(0.5)",
        "thread.join(10)",
    ],
)
def test_what_is_found(line: str) -> None:
    assert list(faults("test_x.py", line)) != []


@pytest.mark.parametrize(
    "line",
    [
        "wait_until(lambda: done)",
        "process.communicate(timeout=PATIENCE)",
        "thread.join()",
        "created = times.now() - timedelta(days=1)",
        "assert before <= created <= times.now()",
        'setattr(auth, "time", SimpleNamespace(monotonic=lambda: clock[0]))',
        '", ".join(names)',
    ],
)
def test_what_is_not(line: str) -> None:
    assert list(faults("test_x.py", line)) == []
