"""The life of an installation: its start, its migrations, whether it is ready."""
