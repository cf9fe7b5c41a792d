"""The audit trail: who did what, when, in a chain that can only grow.

An event has ids, codes and numbers in it, never names, phones, emails, comments or searches.
"""

from backend.core.audit.events import Event, Subject
from backend.core.audit.trail import record

__all__ = ["Event", "Subject", "record"]
