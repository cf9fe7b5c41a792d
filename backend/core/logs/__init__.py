"""Logs: for people or as JSON lines, on the standard error of any server.

Nothing here is needed to run: without LOG_FORMAT, warnings and errors go where Python's logging
sends them.
"""
