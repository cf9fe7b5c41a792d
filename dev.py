#!/usr/bin/env python3
"""The front door for people who work on TOFA CRM. It needs Python 3.11 and nothing else.

python3 dev.py demo [--wsgi] [--port 8000]   the product, filled with an example academy
python3 dev.py test [pytest arguments]       the whole check: style, types, layers, tests
python3 dev.py test --quick                  the same, but of the tests only those that are fast
python3 dev.py servers [pytest arguments]    the tests of every server in docs/hosting.md
python3 dev.py lint                          the check without the tests
python3 dev.py bench [arguments]             the benchmarks
python3 dev.py shots                         the pictures of the web app, into docs/images/page
python3 dev.py lock                          the newest versions into requirements*.txt

Each command first puts what it needs into the folder .venv (or $TOFA_VENV).
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

# Before the first annotation: older versions can read this file, but not evaluate those.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(f"TOFA CRM needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")

ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("TOFA_VENV") or ROOT / ".venv").absolute()
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "tofa-requirements.json"

RUNTIME = "requirements.txt"
TEST = "requirements-test.txt"
SERVERS = "requirements-servers.txt"

LOCK = [
    *("uv", "pip", "compile", "--universal", "--generate-hashes", "--python-version", "3.11"),
    *("--no-config", "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--quiet"),
]
# What checks the web app needs Node: without it, `check` says so and goes on.
TSC = ("--package=typescript@7.0.2", "--", "tsc", "--project", "backend/web/jsconfig.json")
PRETTIER = (
    *("--package=prettier@3.10.1", "--", "prettier", "--check", "--log-level", "warn"),
    *("--ignore-unknown", "--config", "backend/web/.prettierrc.json"),
)
WEB_FILES = [f"backend/web/{name}" for name in ("app", "docs", "types", "worker", "jsconfig.json")]
LOCK_HEADER = "# Made from {source}, for Python 3.11 and newer. To remake it: python dev.py lock\n"


def main(arguments: list[str]) -> int:
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if command not in COMMANDS:
        print((__doc__ or "").strip())
        return 0 if command in ("help", "-h", "--help") else 2
    os.chdir(ROOT)
    try:
        return COMMANDS[command](rest)
    except KeyboardInterrupt:
        return 130
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1


class Stop(Exception):
    """Ends the command with one sentence."""


def demo(arguments: list[str]) -> int:
    install(RUNTIME)
    command = module("backend", "demo", "--serve", *arguments)
    if os.name == "posix":
        # In this process's place, so that every signal reaches the server itself.
        os.execv(command[0], command)  # noqa: S606
    return run(*command)


def test(arguments: list[str]) -> int:
    install(TEST)
    # The tests start hundreds of interpreters, which read what the first one has compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    steps = {}
    if not (ROOT / "tests" / "__pycache__").exists():
        # Once for all processes, which would each compile all tests at the same time.
        steps["collection"] = module("pytest", "-n", "0", "--collect-only", "-qq", *arguments)
    # Tests wait for other processes, so there is one more than cores; those of --quick don't. What
    # shares a server stays together, and modules come in the order of the collection: the longest
    # ones first. `-n 0` runs one test after the other.
    together = ("--dist", "loadscope", "--no-loadscope-reorder")
    workers = ("-n", str(cores() + ("--quick" not in arguments)), *together)
    tests = module("pytest", *workers, *arguments)
    return check({**steps, **static_steps()}, {"tests": tests}, first=[*steps])


def servers(arguments: list[str]) -> int:
    install(TEST)
    install(SERVERS)
    return run(*module("pytest", "-n", "0", "--servers", "tests/hosting", *arguments))


def cores() -> int:
    return (len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()) or 1


def lint(arguments: list[str]) -> int:
    if arguments:
        raise Stop("lint takes no arguments.")
    install(TEST)
    return check(static_steps())


def bench(arguments: list[str]) -> int:
    install(TEST)
    return run(*module("benchmarks", *arguments))


def shots(arguments: list[str]) -> int:
    install(TEST)
    return run(*module("tests.browser.shots", *arguments))


def lock(arguments: list[str]) -> int:
    if arguments:
        raise Stop("lock takes no arguments.")
    make_venv()
    pip_install("uv")
    for target in (RUNTIME, TEST, SERVERS):
        source = target.replace(".txt", ".in")
        say(f"resolving {source}")
        done = subprocess.run(module(*LOCK, source), stdout=subprocess.PIPE, check=False)
        if done.returncode:
            raise Stop(f"{source} could not be resolved.")
        pins = done.stdout.decode()
        # The files must hold on every machine, whatever index this one is set up for.
        if "://" in pins or "file:" in pins or str(ROOT) in pins:
            raise Stop(f"{source} resolved to something that only this machine has.")
        text = LOCK_HEADER.format(source=source) + pins
        (ROOT / target).write_text(text, encoding="utf-8", newline="\n")
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "demo": demo,
    "test": test,
    "servers": servers,
    "lint": lint,
    "bench": bench,
    "shots": shots,
    "lock": lock,
}


def static_steps() -> dict[str, list[str]]:
    typed = ["backend", "tests", "benchmarks", "examples", "dev.py"]
    npx = shutil.which("npx")
    if npx is None:
        say("no Node here: the types and the format of the web app are NOT CHECKED")
    return {
        **(web_steps([npx, "--yes"]) if npx else {}),
        "style": module("ruff", "check"),
        "format": module("ruff", "format", "--check"),
        "types": module("mypy", *(name for name in typed if (ROOT / name).exists())),
        # The one tool that has a script, but no module to run.
        "layers": [str(PYTHON.with_name(f"lint-imports{PYTHON.suffix}")), "--no-logo"],
    }


def web_steps(npx: list[str]) -> dict[str, list[str]]:
    return {"web types": [*npx, *TSC], "web format": [*npx, *PRETTIER, *WEB_FILES]}


def module(*command: str) -> list[str]:
    return [str(PYTHON), "-m", *command]


def check(
    steps: dict[str, list[str]],
    last: dict[str, list[str]] | None = None,
    first: Sequence[str] = (),
) -> int:
    """Run every step, whatever the others say, and sum up.

    The steps of `last` come one by one as soon as those of `first` are done, and say what they have
    to say at once; the others run beside them, and say it afterwards.
    """
    results = {}
    lasting = {}
    with ThreadPoolExecutor(cores()) as threads:
        running = {name: threads.submit(listen, command) for name, command in steps.items()}
        wait([running[name] for name in first])
        for name, command in (last or {}).items():
            say(name)
            started = time.monotonic()
            passed = run(*command) == 0
            lasting[name] = (passed, time.monotonic() - started)
        for name, step in running.items():
            status, seconds, said = step.result()
            say(name)
            sys.stdout.write(said if status or name not in first else "")
            results[name] = (status == 0, seconds)
    results |= lasting
    print()
    for name, (passed, seconds) in results.items():
        print(f"{'ok    ' if passed else 'FAILED'}  {name:11}{seconds:6.1f} s")
    failed = [name for name, (passed, _) in results.items() if not passed]
    print(f"The check failed: {', '.join(failed)}." if failed else "The check passed.")
    return 1 if failed else 0


def listen(command: list[str]) -> tuple[int, float, str]:
    """Run a command. Return its exit status, how many seconds it took, and what it said."""
    started = time.monotonic()
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, time.monotonic() - started, done.stdout


def install(requirements: str) -> None:
    """Bring the venv to what the file says, unless its stamp says that this was done."""
    make_venv()
    # The file for the tests includes all of the first, at the same versions.
    names = [RUNTIME, TEST] if requirements == TEST else [requirements]
    wanted = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in names}
    installed = json.loads(STAMP.read_text()) if STAMP.exists() else {}
    if wanted.items() <= installed.items():
        return
    STAMP.unlink(missing_ok=True)
    pip_install("-r", requirements)
    # What is installed beside the others changes none of their versions.
    STAMP.write_text(json.dumps((installed if requirements == SERVERS else {}) | wanted))


def make_venv() -> None:
    if usable():
        return
    if VENV.exists() and any(VENV.iterdir()) and not (VENV / "pyvenv.cfg").exists():
        raise Stop(f"{VENV} is in the way: it is not a virtual environment.")
    say(f"making {VENV}")
    # Debian leaves ensurepip to its package python3-venv; the pip outside serves as well.
    options = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    if run(sys.executable, "-m", "venv", "--clear", *options, str(VENV)):
        raise Stop("The virtual environment could not be made.")
    if not options:
        # The pip of an older Python takes three times as long. Without an index it serves as well.
        subprocess.run(
            [str(PYTHON), "-m", "pip", "install", "--quiet", "--upgrade", "pip"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )


def usable() -> bool:
    """Whether the venv is there and its Python, which an upgrade may have removed, still fits."""
    if not PYTHON.exists():
        return False
    question = "import sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([str(PYTHON), "-c", question], check=False).returncode == 0


def pip_install(*what: str) -> None:
    say(f"installing {what[-1]}")
    # Python compiles what is imported by then, which is a small part of what is installed.
    options = ["install", "--quiet", "--disable-pip-version-check", "--no-compile", *what]
    if has_pip(str(PYTHON)):
        failed = run(str(PYTHON), "-m", "pip", *options)
    elif has_pip(sys.executable):
        failed = run(sys.executable, "-m", "pip", "--python", str(PYTHON), *options)
    else:
        raise Stop("There is no pip. On Debian and Ubuntu: apt install python3-venv")
    if failed:
        raise Stop(f"{what[-1]} could not be installed.")


def has_pip(python: str) -> bool:
    question = "import importlib.util as u, sys; sys.exit(not u.find_spec('pip'))"
    return subprocess.run([python, "-c", question], check=False).returncode == 0


def run(*command: str) -> int:
    """The exit status. Ctrl-C goes to the child as well: let it end in its own way first."""
    interrupted = False
    with subprocess.Popen(command) as process:
        while process.returncode is None:
            try:
                process.wait()
            except KeyboardInterrupt:
                interrupted = True
    if interrupted:
        raise KeyboardInterrupt
    return process.returncode


def say(text: str) -> None:
    print(f"-- {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
