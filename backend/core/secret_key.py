"""The key that signs tokens."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import URL

from backend.core.errors import ConfigurationError

# RFC 7518, section 3.2: an HS256 key has at least 256 bits.
SHORTEST = 32


def choose(given: str, url: URL) -> str:
    """Return the key from the settings or, with SQLite, the one beside the database at `url`.

    Raises `ConfigurationError`.
    """
    is_sqlite = url.get_backend_name() == "sqlite"
    if given:
        if len(given.encode()) < SHORTEST:
            raise ConfigurationError(
                f"SECRET_KEY is too short. Use at least {SHORTEST} characters, "
                "for example from `python -c 'import secrets; print(secrets.token_hex(32))'`."
            )
        return given
    if not is_sqlite:
        raise ConfigurationError(
            f"SECRET_KEY is not set. Use at least {SHORTEST} characters, the same on "
            "every server, for example from "
            "`python -c 'import secrets; print(secrets.token_hex(32))'`."
        )
    if url.database in (None, "", ":memory:"):
        return secrets.token_hex(SHORTEST)
    return _stored_key(Path(f"{url.database}.secret"))


def _stored_key(path: Path) -> str:
    """Return the key in the file, creating it first if needed.

    Two processes that start at the same time end up with the same key.
    """
    try:
        return _read_key(path)
    except FileNotFoundError:
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        try:
            draft.touch(mode=0o600, exist_ok=False)
            draft.write_text(secrets.token_hex(SHORTEST))
            # Link instead of renaming: the first process wins, and its file is complete.
            with suppress(FileExistsError):
                os.link(draft, path)
        except FileNotFoundError as error:
            raise ConfigurationError(
                f"The database can't be opened: the folder {path.absolute().parent} doesn't exist, "
                "so create it or correct DATABASE_URL."
            ) from error
        except OSError as error:
            raise ConfigurationError(
                f"The secret key can't be saved in {path}. Make the folder writable, "
                "or set SECRET_KEY."
            ) from error
        finally:
            draft.unlink(missing_ok=True)
        return _read_key(path)


def _read_key(path: Path) -> str:
    try:
        key = path.read_text().strip()
    except (PermissionError, IsADirectoryError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The secret key in {path} can't be read.") from error
    if len(key) < SHORTEST:
        raise ConfigurationError(f"The secret key in {path} is too short. Delete the file.")
    return key
