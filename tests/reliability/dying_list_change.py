"""A process that changes a whole list, or undoes that, and dies in the middle of it.

`python -m tests.reliability.dying_list_change URL PART`: at that part it ends as `kill -9` would
end it, before the step is committed.
"""

import sys

from backend.core.db import Database
from backend.core.leads import bulk_edit, list_change_steps
from tests.reliability.dying_import import dies_after
from tests.world import settings_for


def main(url: str, name: str, part: str) -> None:
    settings = settings_for(url)
    db = Database(settings.url)
    setattr(bulk_edit, name, dies_after(getattr(bulk_edit, name), int(part)))
    list_change_steps.STEP = 0.0
    while list_change_steps.run(db, settings):
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
