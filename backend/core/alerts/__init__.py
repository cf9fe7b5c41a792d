"""Alerts: the web app tells people at once what needs their attention.

`announcing` writes one message to the outbox, in the transaction of the change. A worker turns it
into an alert for each person (`telling`), which `inbox` lists. `withdrawing` takes back
what is no longer true.
"""
