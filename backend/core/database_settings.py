"""The settings of the database, and the folder that a file of it is in."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy.engine import URL

from backend.core.database_url import Address, read_address

_checkout = Path(__file__).resolve().parents[2]


def home() -> Path:
    """Return the folder of the `.env` file and the default database.

    In a checkout that is the project's folder, wherever the program is started: a WSGI host and a
    console often start in different folders, and must not each get their own database. For an
    installed package it is the current folder.
    """
    return _checkout if (_checkout / "pyproject.toml").exists() else Path.cwd()


class _Variables(PydanticBaseSettingsSource):
    """The variables that a source has found, each the text of the setting of the same name.

    The source itself looks into the type of each setting, whether it could be JSON. No setting is,
    and that takes several times as long as all the rest of reading them.
    """

    def __init__(self, source: EnvSettingsSource) -> None:
        super().__init__(source.settings_cls)
        self._found = source.env_vars

    def get_field_value(
        self,
        field: FieldInfo,  # noqa: ARG002  the interface is pydantic's
        field_name: str,
    ) -> tuple[Any, str, bool]:
        return self._found.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        names = self._found.keys() & self.settings_cls.model_fields.keys()
        return {name: self._found[name] for name in names if self._found[name] is not None}


class DatabaseSettings(BaseSettings):
    """Where the database is, and how it's used. `Settings` has them with all others."""

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the interface is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return what is read, the first that has a setting first."""
        variables = (
            _Variables(source)
            for source in (env_settings, dotenv_settings)
            if isinstance(source, EnvSettingsSource)
        )
        return init_settings, *variables

    database_url: str = Field(
        "",
        repr=False,  # it may have a password in it
        description="Address of the database. Default: the SQLite file `tofa.db` in the project.",
    )
    db_pool_size: int = Field(
        5, ge=1, le=200, description="Maximum number of database connections per process."
    )
    db_lock_seconds: float = Field(
        2.0,
        ge=0,
        le=600,
        description="PostgreSQL: how long a request waits for a lock before it is answered with "
        "503. 0: as long as the server allows.",
    )
    db_statement_seconds: float = Field(
        60.0,
        ge=0,
        le=86_400,
        description="PostgreSQL: how long one statement of a request may run. 0: no limit.",
    )
    db_job_seconds: float = Field(
        600.0,
        ge=0,
        le=86_400,
        description="PostgreSQL: how long one statement of an import or of the work in the "
        "background may run. 0: no limit.",
    )
    sqlite_journal: Literal["", "wal", "rollback"] = Field(
        "",
        description="SQLite: `wal` is faster, `rollback` is also safe if several machines use the "
        "file. Default: `rollback` on the file systems of a network, otherwise `wal`.",
    )

    @property
    def address(self) -> Address:
        """Return the database's address, and what is ignored of it. Raises `ConfigurationError`."""
        return read_address(self.database_url, home() / "tofa.db")

    @property
    def url(self) -> URL:
        """Return the database's address for SQLAlchemy, with the installed driver.

        On SQLite it has the journal among its options, if the settings choose one.
        """
        url = self.address.url
        if self.sqlite_journal and url.get_backend_name() == "sqlite":
            return url.set(query={"journal": self.sqlite_journal})
        return url
