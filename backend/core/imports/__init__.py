"""Imports: a spreadsheet is planned, reviewed and committed as leads, and can be undone.

`columns` decides which column fills which field, `parsing` and `filling` read the cells into
`rows`. `existing_leads` looks up what the database has, `row_matching` decides what each row
becomes, `writer` writes it. `plan`, `commit` and `undo` are the three steps; `upload` is the first
two in one. `store` keeps imports in the database, `listing` lists their rows. Large writes go in
short `steps`; `claim` records which process is writing, `recovery` takes back what a process that
died has left.
"""
