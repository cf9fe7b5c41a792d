"""Alerts: people are told at once what needs them, in the web app.

`announcing` writes one message to the outbox, in the transaction of the change. A worker turns it
into an alert for each person (`telling`), which `inbox` lists.
"""
