"""The benchmarks run at a hundredth of their size. Their bounds aren't checked here."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import (
    alerts,
    alongside,
    compression,
    crowd,
    hostile,
    importing,
    imports,
    installed,
    intake,
    lists,
    memory,
    messy,
    my_leads,
    page,
    processes,
    reading,
    upload,
    webhook,
)
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan, Race, table
from tests.chromium import WHOLE
from tests.postgres import Server
from tests.warm import Warm

SHARE = 0.01
# Each server and each database once. A benchmark whose own code is the same on both databases runs
# on one of them.
SMALL = [Plan(("sqlite",), ("fastapi",), SHARE), Plan(("postgresql",), ("flask",), SHARE)]
SQLITE, POSTGRESQL = SMALL[:1], SMALL[1:]
# For the benchmarks with a million leads.
SMALLER = [replace(plan, share=SHARE / 10) for plan in POSTGRESQL]


# It measures the memory of a process: of one with an interpreter of its own.
WITH_ITS_OWN = "test_memory"


@pytest.fixture(autouse=True)
def without_imports(
    request: pytest.FixtureRequest, warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Start servers without their imports, which would take most of the time."""
    if request.node.originalname != WITH_ITS_OWN:
        monkeypatch.setattr(processes, "start", warm.start)


@pytest.fixture(scope="module")
def databases(postgres_server: Server) -> Iterator[Databases]:
    with Databases(postgres_server) as made:
        yield made


@pytest.mark.parametrize("plan", SMALL, ids=lambda plan: plan.databases[0])
def test_my_leads(plan: Plan, databases: Databases) -> None:
    in_process, served, *memory = my_leads.run(plan, databases)
    assert in_process.ours > 0
    assert served.floor is not None
    assert [figure.unit for figure in memory] == ["MB", "MB"]


@pytest.mark.parametrize("plan", SQLITE, ids=lambda plan: plan.databases[0])
def test_compression(plan: Plan, databases: Databases) -> None:
    figures = list(compression.run(plan, databases))
    assert len(figures) == 2 * len(compression.LEVELS) + 2 * len(compression.NETWORKS)
    assert all(figure.ours > 0 for figure in figures)


@pytest.mark.parametrize("plan", SMALL, ids=lambda plan: plan.databases[0])
def test_upload(plan: Plan, databases: Databases) -> None:
    time, memory = upload.run(plan, databases)
    assert time.floor is not None
    assert memory.unit == "MB"


def test_reading(databases: Databases) -> None:
    text, workbook, harm = reading.run(SMALL[0], databases)
    assert text.floor is not None
    assert workbook.floor is not None
    assert harm.floor is not None


@pytest.mark.parametrize("plan", SQLITE, ids=lambda plan: plan.databases[0])
def test_imports(plan: Plan, databases: Databases) -> None:
    new, again, memory = imports.run(plan, databases)
    assert new.unit == again.unit == "µs"
    assert memory.unit == "MB"


def test_messy(databases: Databases) -> None:
    strangers, wrong, flagged, _ = messy.run(SMALL[0], databases)
    assert (strangers.ours, wrong.ours) == (0, 0)
    assert flagged.ours > 0


@pytest.mark.parametrize("plan", SMALLER, ids=lambda plan: plan.databases[0])
def test_lists(plan: Plan, databases: Databases) -> None:
    figures = list(lists.run(plan, databases))
    assert len(figures) == len(lists.ASKED) * (len(lists.PEOPLE) + 1)
    assert all(figure.ours > 0 and figure.bound for figure in figures)


@pytest.mark.parametrize("plan", SQLITE, ids=lambda plan: plan.databases[0])
def test_memory(plan: Plan, databases: Databases) -> None:
    failed, size, growth = memory.run(plan, databases)
    assert failed.ours == 0
    assert size.ours > 0
    assert growth.bound


@pytest.mark.parametrize("plan", SQLITE, ids=lambda plan: plan.databases[0])
def test_crowd(plan: Plan, databases: Databases) -> None:
    failed, *_ = crowd.run(plan, databases)
    assert failed.ours == 0


@pytest.mark.skipif("sys.platform == 'win32'", reason="there is no kill -9")
@pytest.mark.parametrize("plan", POSTGRESQL, ids=lambda plan: plan.databases[0])
def test_intake(plan: Plan, databases: Databases) -> None:
    figures = list(intake.run(plan, databases))
    assert [figure.what for figure in figures if "wrong" in figure.what and figure.ours] == []
    assert len(figures) == 7


@pytest.mark.parametrize("plan", POSTGRESQL, ids=lambda plan: plan.databases[0])
def test_alongside(plan: Plan, databases: Databases) -> None:
    figures = {figure.what: figure for figure in alongside.run(plan, databases)}
    (failed,) = (figure for what, figure in figures.items() if what.endswith("failed"))
    assert failed.ours == 0


@pytest.mark.parametrize("plan", SMALL, ids=lambda plan: plan.databases[0])
def test_webhook(plan: Plan, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    if plan not in POSTGRESQL:
        # The cases differ in their settings: on the other server one of them is enough.
        monkeypatch.setattr(webhook, "CASES", dict(list(webhook.CASES.items())[:1]))
    figures = list(webhook.run(plan, databases))
    assert len(figures) == len(webhook.CASES) * len(webhook.CLIENTS)
    assert all(figure.floor and figure.bound for figure in figures)


@pytest.mark.parametrize("plan", SMALL, ids=lambda plan: plan.databases[0])
def test_alerts(plan: Plan, databases: Databases) -> None:
    (share,) = alerts.run(plan, databases)
    assert share.bound


def test_hostile(databases: Databases) -> None:
    figures = list(hostile.run(SMALL[0], databases))
    assert [
        figure.what for figure in figures if "wrong answer" in figure.what and figure.over
    ] == []
    assert len(figures) == 18


# The browser doesn't know which database the server has: one plan is enough.
@pytest.mark.skipif(WHOLE is None, reason="there is no Chromium")
@pytest.mark.parametrize("plan", SMALL[:1], ids=lambda plan: plan.databases[0])
def test_page(plan: Plan, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "SLOWER", 2)
    figures = list(page.run(plan, databases))
    weights = [figure for figure in figures if figure.unit == "KB"]
    assert 0 < weights[0].ours < weights[1].ours
    assert [figure.what for figure in figures if figure.bound == 0 and figure.over] == []
    assert len(figures) == 2 + 2 + 2 * 6


@pytest.mark.skipif("sys.platform == 'win32'", reason="needs POSIX")
def test_importing(databases: Databases) -> None:
    assert [figure.what for figure in importing.run(SMALL[0], databases)] == list(importing.PAIRS)


def test_installed_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    wheel = tmp_path / "ballast-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("ballast.py", "#" * 3_000_000)
        file.writestr(
            "ballast-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: ballast\nVersion: 1\n"
        )
        file.writestr(
            "ballast-1.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        file.writestr("ballast-1.dist-info/RECORD", "")
    assert 3_000_000 <= installed.installed_bytes(str(wheel)) < 3_200_000


def test_bounds() -> None:
    race = Race()
    for ours in (0.1, 0.1, 0.7):  # costs that occur every third time count
        race.add(ours, 0.1)
    assert (figure := race.figure("x", 3.0)).ratio == pytest.approx(3.0)
    assert figure.ours == pytest.approx(300)
    assert not figure.over
    assert race.figure("x", 2.9).over
    assert Figure("x", 151, "MB", bound=150).over
    assert not Figure("x", 151, "MB").over


def test_the_table_is_aligned() -> None:
    lines = table("my_leads", [Figure("here", 42.0, "ms", 20.0, 2.1, 2.0)]).split("\n")
    assert len({len(line) for line in lines}) == 1
    assert lines[2].split() == [
        "|",
        "here",
        "|",
        "42",
        "ms",
        "|",
        "20",
        "ms",
        "|",
        "2.10",
        "|",
        "2×",
        "|",
        "over",
        "|",
    ]


@pytest.mark.parametrize(("arguments", "status"), [([], 0), (["--check"], 1)])
def test_the_check(
    arguments: list[str],
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    over = Figure("here", 151, "MB", bound=150)
    monkeypatch.setattr(command, "BENCHMARKS", {"one": lambda _plan, _databases: [over]})
    assert command.main(["one", *arguments]) == status
    assert "over" in capsys.readouterr().out
