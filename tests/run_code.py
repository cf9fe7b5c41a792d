"""`python -m tests.run_code CODE`: a module that does what a test wants of a process."""

import sys

if __name__ == "__main__":
    exec(sys.argv[1])  # noqa: S102
