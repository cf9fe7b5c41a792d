"""The outbox: what is to be told, written in the transaction of the change that it tells of.

The workers pass it on. `messages` has what it holds, `inside` passes messages on within the
database, each once, and `sending` sends them to the outside, each at least once.
"""
