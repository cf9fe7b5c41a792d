"""Turn an error into one sentence for the terminal, with a way to fix it if there is one."""

from backend.core.errors import ConfigurationError, Problem


def sentence(error: Exception) -> str:
    """Return the text for an error. For an unexpected error, it says how to see more."""
    text: str | None
    if isinstance(error, Problem):
        text = error.detail
    elif isinstance(error, ConfigurationError):
        text = str(error)
    elif isinstance(error, OSError):
        reason = error.strerror or str(error)
        text = f"{error.filename}: {reason}" if error.filename else reason
    elif (text := _of_the_database(error)) is None:
        kind = type(error).__name__
        text = f"Unexpected error ({kind}: {error}). Run the command again with --debug for details"
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _of_the_database(error: Exception) -> str | None:
    """Return the driver's message if the database can't be reached, is locked or is full."""
    from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError

    if not isinstance(error, DatabaseError) or isinstance(error, IntegrityError | ProgrammingError):
        return None
    return f"The database can't be used: {' '.join(str(error.orig).split())}"
