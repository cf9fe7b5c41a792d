"""A process that is a fork of a warm one is like any other, from its start to its end."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence

import psutil
import pytest

from benchmarks import processes
from tests.waiting import PATIENCE, wait_until
from tests.warm import AT_ONCE, Warm

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="there is no fork")

Start = Callable[[Sequence[str], Mapping[str, str]], processes.Process]

RUN = ("tests.run_code",)
TELLS = (
    "import os, sys; print(os.environ.get('WHO'), 'HOME' in os.environ, os.getcwd(), os.getpid(),"
    " sys.stdin.readline().strip(), flush=True); print('the rest', end='')"
)


@pytest.fixture(scope="module")
def python() -> Iterator[Warm]:
    with Warm(["json"]) as parent:
        yield parent


@pytest.fixture(params=["cold", "warm"])
def start(request: pytest.FixtureRequest, python: Warm) -> Start:
    return python.start if request.param == "warm" else processes.start


def test_it_is_told_and_tells(start: Start) -> None:
    process = start([*RUN, TELLS], {"WHO": "me", "PATH": os.environ["PATH"]})
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"asked\n")
    process.stdin.flush()
    said = process.stdout.readline().decode().split()
    assert said == ["me", "False", str(processes.ROOT), str(process.pid), "asked"]
    # What it printed last comes before the end of its output.
    assert process.stdout.read() == b"the rest"
    assert process.wait(PATIENCE) == 0
    processes.close(process)


def test_how_it_ends(start: Start) -> None:
    process = start([*RUN, "import os; os._exit(7)"], os.environ)
    assert process.wait(PATIENCE) == 7
    assert process.wait() == 7
    processes.close(process)
    for end, code in (("terminate", signal.SIGTERM), ("kill", signal.SIGKILL)):
        process = start([*RUN, "print('here', flush=True); input()"], os.environ)
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(AT_ONCE)
        getattr(process, end)()
        assert process.wait(PATIENCE) == -code
        # To end it again is no error.
        process.kill()
        processes.close(process)


def test_one_has_nothing_of_the_others(start: Start) -> None:
    """The end of what one reads comes though others are running, which began later."""
    first, second = (start([*RUN, "input()"], os.environ) for _ in range(2))
    processes.close(first)
    assert first.wait(PATIENCE) == 1
    second.kill()
    assert second.wait(PATIENCE) == -signal.SIGKILL
    processes.close(second)


def test_the_parent_leaves_with_its_block() -> None:
    with Warm(["json"]) as parent:
        process = parent.start([*RUN, "input()"], os.environ)
        (found,) = psutil.Process(process.pid).parents()[:1]
        process.kill()
        process.wait(PATIENCE)
        processes.close(process)
    wait_until(lambda: not found.is_running())
