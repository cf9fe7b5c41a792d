"""The line of each request in the log, in a process whose logs no other test has set up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).with_name("request_log_cases.py")
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_cases_in_a_process_of_their_own() -> None:
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider"]
    given = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [*command, str(CASES)], cwd=ROOT, env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]
