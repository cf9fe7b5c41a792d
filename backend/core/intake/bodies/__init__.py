"""The bodies that forms and tools post: from bytes to the questions and answers of leads.

`stored_text` keeps the bytes, `unpacking` and `decoding` make them a text, `formats` makes that a
value as JSON has them, and `submission` finds the leads in it.
"""
