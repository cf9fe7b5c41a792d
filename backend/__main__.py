"""`python -m backend`: the command line."""

from backend.cli import main

# Worker processes import this module too.
if __name__ == "__main__":
    raise SystemExit(main())
