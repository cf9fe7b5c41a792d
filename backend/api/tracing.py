"""Spans of OpenTelemetry without queries, which have comments, names, phones and searches in them.

The instrumentations of the frameworks put the whole address of a request into its span. They are
set up by the person who runs the server; here only the query is taken out again.
"""

import sys

# As the older and the newer semantic conventions for HTTP call them.
_ADDRESSES = ("http.url", "http.target", "url.full")
_QUERY = "url.query"


def hide_query() -> None:
    """Take the query out of the current span, if this process records any."""
    if "opentelemetry.sdk.trace" not in sys.modules:
        return
    from opentelemetry import trace
    from opentelemetry.sdk.trace import Span

    span = trace.get_current_span()
    if not isinstance(span, Span) or not span.is_recording():
        return
    found = span.attributes or {}
    for name in _ADDRESSES:
        value = found.get(name)
        if isinstance(value, str) and "?" in value:
            span.set_attribute(name, value.partition("?")[0])
    if found.get(_QUERY):
        span.set_attribute(_QUERY, "-")
