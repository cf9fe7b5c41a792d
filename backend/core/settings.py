"""The settings, from the environment or a `.env` file, and the limits beside them."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from backend.core.error_text import lowered, of_error
from backend.core.errors import ConfigurationError
from backend.schemas.fields import Email

# RFC 7518, section 3.2: a key of HS256 has at least 256 bits.
SHORTEST_SECRET_KEY = 32

_checkout = Path(__file__).resolve().parents[2]


def home() -> Path:
    """The folder of the `.env` file and of the default database.

    The checkout, wherever it is started from: a WSGI host and a console rarely start in the same
    folder, and must not end up with a database each. Installed as a package: the current folder.
    """
    return _checkout if (_checkout / "pyproject.toml").exists() else Path.cwd()


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        plain = not (parts.username or parts.password or parts.query or parts.fragment)
        # Asked for its port, it raises `ValueError` for one that can't be used.
        usable = parts.port != 0
    except ValueError:
        return False
    return bool(parts.scheme in ("http", "https") and parts.hostname and plain and usable)


def _words(value: object) -> object:
    return (
        [word for word in value.replace(",", " ").split() if word]
        if isinstance(value, str)
        else value
    )


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]


class Settings(BaseSettings):
    """What an installation can set. An empty value counts as not set."""

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    database_url: str = Field(
        "", description="Where the data is; default: the SQLite file `tofa.db` in the project."
    )
    db_pool_size: int = Field(
        5, ge=1, le=200, description="Database connections that one process keeps at the most."
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs the tokens; at least 32 characters. With SQLite it is made and kept "
        "beside the database when it is not set.",
    )
    algorithm: Literal["HS256", "HS384", "HS512"] = Field(
        "HS256", description="How tokens are signed. No other algorithm is taken."
    )
    access_token_expire_minutes: int = Field(
        1440, ge=1, le=525_600, description="How long a sign-in lasts, in minutes."
    )
    admin_email: Email = Field(
        "admin@tofa.com", description="The first account, made on an empty database."
    )
    admin_password: SecretStr = Field(
        SecretStr(""),
        description="Its password; a random one is made and printed once when it is not set.",
    )
    timezone: str = Field(
        "Asia/Kolkata", description="The zone of times that come in without an offset."
    )
    phone_region: str = Field(
        "IN", pattern="^[A-Z]{2}$", description="The country of phones without a country code."
    )
    meta_app_secret: SecretStr = Field(
        SecretStr(""),
        description="Of your app on Meta: what Meta's notifications are signed with. With it set, "
        "nothing unsigned is taken as Meta's.",
    )
    meta_verify_token: SecretStr = Field(
        SecretStr(""), description="A text of your choice, for Meta's handshake with the webhook."
    )
    meta_access_token: SecretStr = Field(
        SecretStr(""), description="Of your page on Meta: reads the leads that Meta announces."
    )
    meta_graph_url: str = Field(
        "https://graph.facebook.com", description="The host of Meta's Graph API."
    )
    meta_graph_version: str = Field(
        "v26.0", pattern=r"^v\d+\.\d+$", description="The version of Meta's Graph API."
    )
    webhook_token: SecretStr = Field(
        SecretStr(""),
        description="What the flat webhook asks for, in the header X-Webhook-Token or the query "
        "parameter token. Where neither it nor META_APP_SECRET is set, anyone may send leads.",
    )
    webhook_per_minute: int = Field(
        120,
        ge=1,
        le=1_000_000,
        description="Leads that one address may send in a minute while anyone may send them.",
    )
    background_work: bool = Field(
        True,
        description="Whether the servers turn deliveries into leads themselves. Turn it off where "
        "`python -m backend work` does, on machines of its own.",
    )
    big_jobs: int = Field(
        2, ge=1, le=100, description="Large imports and exports that one process does at a time."
    )
    big_jobs_in_all: int = Field(
        4, ge=1, le=1000, description="Large imports and exports that all servers do at a time."
    )
    cors_origins: Words = Field(
        ("http://localhost:3000", "http://127.0.0.1:3000"),
        description="Other hosts whose pages may call the API, separated by spaces or commas.",
    )
    max_upload_mb: int = Field(
        25, ge=1, le=1024, description="The largest spreadsheet that is taken, in MB."
    )
    login_failures_per_minute: int = Field(
        5,
        ge=1,
        le=1_000_000,
        description="Failed sign-ins to one account from one address before it is slowed down.",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=9,
        description="Proxies in front of the server whose X-Forwarded-For is believed "
        "(PythonAnywhere: 1).",
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise PydanticCustomError("zone", "Use a time zone such as Asia/Kolkata") from error
        return value

    @field_validator("meta_graph_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if not _is_web_address(value):
            raise PydanticCustomError(
                "web_address", "Use an address such as https://graph.facebook.com"
            )
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def max_upload_bytes(self) -> int:
        return self.max_upload_mb << 20

    @property
    def url(self) -> URL:
        """The database's address as SQLAlchemy takes it, with the driver that is installed."""
        if not self.database_url:
            return URL.create("sqlite", database=str(home() / "tofa.db"))
        try:
            url = make_url(self.database_url)
        except (ArgumentError, ValueError):
            # Without the cause: of a password with an @ in it, that shows a part.
            raise ConfigurationError(
                "DATABASE_URL is not a database's address: "
                "sqlite:///tofa.db and postgresql://user:password@host/name are. "
                "In a password, write @ as %40."
            ) from None
        backend = url.get_backend_name()
        if backend in ("postgres", "postgresql"):
            return url.set(drivername="postgresql+psycopg")
        if backend == "sqlite":
            return url.set(drivername="sqlite")
        raise ConfigurationError(
            "DATABASE_URL names a database that TOFA CRM does not know: "
            "it runs on SQLite and on PostgreSQL."
        )


def load(**given: object) -> Settings:
    """The settings of this process; `given` ones win. Raises `ConfigurationError`."""
    env_file = Path(os.environ.get("TOFA_ENV_FILE", home() / ".env"))
    try:
        settings = Settings(_env_file=env_file, **given)  # type: ignore[arg-type]
    except ValidationError as error:
        fault = of_error(error, "settings")[0]
        name = str(fault["loc"][1]).upper()
        raise ConfigurationError(
            f"The setting {name} can't be used: {lowered(fault['msg'])}."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The file {env_file} can't be read: it must be text in UTF-8, "
            "and belong to the user that runs TOFA CRM."
        ) from error
    return settings.model_copy(update={"secret_key": SecretStr(_secret_key(settings))})


def _secret_key(settings: Settings) -> str:
    key = settings.secret_key.get_secret_value()
    if key:
        if len(key.encode()) < SHORTEST_SECRET_KEY and settings.url.get_backend_name() != "sqlite":
            raise ConfigurationError(
                f"SECRET_KEY is too short: set it to at least {SHORTEST_SECRET_KEY} characters, "
                "for example from `python -c 'import secrets; print(secrets.token_hex(32))'`."
            )
        return key
    url = settings.url
    if url.get_backend_name() != "sqlite":
        raise ConfigurationError(
            f"SECRET_KEY is not set: set it to at least {SHORTEST_SECRET_KEY} characters, the same "
            "on every server, for example from "
            "`python -c 'import secrets; print(secrets.token_hex(32))'`."
        )
    if url.database in (None, "", ":memory:"):
        return secrets.token_hex(SHORTEST_SECRET_KEY)
    return _kept_key(Path(f"{url.database}.secret"))


def _kept_key(path: Path) -> str:
    """The key in the file, made at the first call; two processes that start at once agree."""
    try:
        return _read_key(path)
    except FileNotFoundError:
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        try:
            draft.touch(mode=0o600, exist_ok=False)
            draft.write_text(secrets.token_hex(SHORTEST_SECRET_KEY))
            # A link, and not a rename: the first one stays, whole, whoever comes second.
            with suppress(FileExistsError):
                os.link(draft, path)
        except OSError as error:
            raise ConfigurationError(
                f"The secret key can't be kept in {path}: make the folder writable, "
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
    if len(key) < SHORTEST_SECRET_KEY:
        raise ConfigurationError(f"The secret key in {path} is too short: remove the file.")
    return key
