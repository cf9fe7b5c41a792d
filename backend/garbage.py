"""When Python looks for garbage: not among what a program imports, which stays.

Importing this module, before those of the product, puts the search off. By Python's own numbers it
took a sixth of the time of importing an app, and ending the process took twice as long.
"""

import gc
from functools import cache

# After so many new objects, while modules are imported.
_WHILE_IMPORTING = 200_000
# Afterwards, together with so many looks at younger objects: by Python's own numbers, the search
# took a fifth of a large import.
_AFTERWARDS = (10_000, 20, 50)

gc.set_threshold(_WHILE_IMPORTING)


@cache
def spare_what_is_imported() -> None:
    """Keep the search away from all objects that there are now.

    Once in a process. A server that forks afterwards shares more memory with its processes.
    """
    gc.freeze()
    gc.set_threshold(*_AFTERWARDS)
