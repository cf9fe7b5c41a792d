"""`python -m benchmarks [NAME …] [--database KIND] [--server NAME] [--check]`"""

import argparse
import sys
import time

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
    reading,
    upload,
    webhook,
)
from benchmarks.databases import KINDS, Databases
from benchmarks.figures import Plan, table
from benchmarks.servers import SERVERS

BENCHMARKS = {
    "my_leads": my_leads.run,
    "compression": compression.run,
    "upload": upload.run,
    "reading": reading.run,
    "imports": imports.run,
    "messy": messy.run,
    "lists": lists.run,
    "importing": importing.run,
    "installed": installed.run,
    "crowd": crowd.run,
    "alongside": alongside.run,
    "hostile": hostile.run,
    "memory": memory.run,
    "page": page.run,
    "intake": intake.run,
    "webhook": webhook.run,
    "alerts": alerts.run,
}


def main(arguments: list[str] | None = None) -> int:
    """Run benchmarks. Return 1 if `--check` is given and a bound is exceeded, otherwise 0."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument(
        "name", nargs="*", help=f"benchmarks: {', '.join(BENCHMARKS)} (default: all)"
    )
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both")
    parser.add_argument("--server", choices=(*SERVERS, "both"), default="both")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a bound is missed")
    given = parser.parse_args(arguments)
    if unknown := set(given.name) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    kinds = KINDS if given.database == "both" else (given.database,)
    plan = Plan(kinds, tuple(SERVERS) if given.server == "both" else (given.server,))
    missed = 0
    with Databases() as databases:
        for name in given.name or BENCHMARKS:
            started = time.monotonic()
            figures = list(BENCHMARKS[name](plan, databases))
            missed += sum(figure.over for figure in figures)
            print(f"{table(name, figures)}\n", flush=True)
            print(f"{name} took {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 1 if missed and given.check else 0


if __name__ == "__main__":
    sys.exit(main())
