"""The one vocabulary of fields: what forms, spreadsheets and other tools call them.

`synonyms` has the names of each field, `folding` compares them, `guesses` finds a field by the
words of a longer name, and `statuses` has what other tools call our statuses and lost reasons.
Forms, spreadsheets, the backfill and the flat webhook all use it. It needs no database.
"""
