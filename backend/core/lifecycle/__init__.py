"""The lifecycle of an installation: startup, migrations and readiness checks."""
