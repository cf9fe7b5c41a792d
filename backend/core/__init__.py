"""The business: plain functions over a database session; no HTTP, no web framework."""
