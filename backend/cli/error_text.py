"""What the command line says of an error: one sentence, on how to go on where that is known."""

from backend.core.errors import ConfigurationError, Problem


def sentence(error: Exception) -> str:
    """The error in words; whoever meets one that no one foresaw is told how to see more."""
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
        text = f"This should not happen ({kind}: {error}). Run it again with --debug to see where"
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _of_the_database(error: Exception) -> str | None:
    """What the driver says, where the database can't be reached, is locked, or is full."""
    from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError

    if not isinstance(error, DatabaseError) or isinstance(error, IntegrityError | ProgrammingError):
        return None
    return f"The database can't be used: {' '.join(str(error.orig).split())}"
