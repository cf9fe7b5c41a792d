"""A spreadsheet becomes leads: planned, looked at, committed, and perhaps undone again.

`columns` and `guesses` say which column is which field, `reading` reads the cells into `rows`.
`here` looks up what is here already, `verdicts` decides what becomes of each row, `writing` does
it. `plan`, `commit` and `undo` are the three steps; `upload` is the first two in one. `store` keeps
imports, `listing` shows their rows. What is large is written in `steps`; `holding` says by which
process, and `recovery` takes back what one that died has left.
"""

from backend.core.imports.columns import CENTER_COLUMN

__all__ = ["CENTER_COLUMN"]
