"""The settings of an installation, read from the environment or a `.env` file."""

import os
from hashlib import sha256
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError

from backend.core import secret_key
from backend.core.database_settings import DatabaseSettings, home
from backend.core.error_text import lowered, of_error
from backend.core.errors import ConfigurationError
from backend.core.setting_values import (
    Days,
    GraphAddress,
    MailServer,
    MetricsToken,
    Origins,
    PreviousKey,
    PublicAddress,
    RetryPlan,
    ZoneName,
)
from backend.schemas.fields import Email


class Settings(DatabaseSettings):
    """What an installation can set. An empty value counts as not set."""

    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Key that signs tokens, at least 32 characters. With SQLite, one is generated "
        "and stored next to the database if this isn't set.",
    )
    secret_key_previous: PreviousKey = Field(
        SecretStr(""),
        description="The previous key, during a replacement: tokens signed with it stay valid.",
    )
    algorithm: Literal["HS256", "HS384", "HS512"] = Field(
        "HS256", description="Algorithm that signs tokens. No other algorithm is accepted."
    )
    access_token_expire_minutes: int = Field(
        1440,
        ge=1,
        le=525_600,
        description="How long a session and its token last at most, in minutes.",
    )
    session_idle_minutes: int = Field(
        720,
        ge=1,
        le=525_600,
        description="How long a session may be unused before it ends, in minutes.",
    )
    admin_email: Email = Field(
        "admin@tofa.com", description="Email of the first account, created in an empty database."
    )
    admin_password: SecretStr = Field(
        SecretStr(""),
        description="Password of the first account. If not set, a random one is generated and "
        "printed once.",
    )
    timezone: ZoneName = Field(
        "Asia/Kolkata", description="Time zone of times that arrive without an offset."
    )
    phone_region: str = Field(
        "IN",
        pattern="^[A-Z]{2}$",
        description="Country of phone numbers without a country code.",
    )
    meta_app_secret: SecretStr = Field(
        SecretStr(""),
        description="App secret of your Meta app, which signs Meta's notifications. Others are "
        "refused.",
    )
    meta_app_secret_previous: SecretStr = Field(
        SecretStr(""),
        description="The previous app secret: signatures made with it are accepted, too.",
    )
    meta_verify_token: SecretStr = Field(
        SecretStr(""), description="A text you choose, for Meta's handshake with the webhook."
    )
    meta_access_token: SecretStr = Field(
        SecretStr(""), description="Access token of your Facebook page, used to fetch Meta's leads."
    )
    meta_graph_url: GraphAddress = Field(
        "https://graph.facebook.com", description="Host of Meta's Graph API."
    )
    meta_graph_version: str = Field(
        "v26.0", pattern=r"^v\d+\.\d+$", description="Version of Meta's Graph API."
    )
    webhook_token: SecretStr = Field(
        SecretStr(""),
        description="Token your own forms must send, in the header X-Webhook-Token or the query "
        "parameter token. If not set, they send the installation's own token, which team leads see "
        "under Get started.",
    )
    webhook_token_previous: SecretStr = Field(
        SecretStr(""), description="The previous webhook token: forms can still send it."
    )
    webhook_open: bool | None = Field(
        None,
        description="Whether anyone can send leads without a token, if WEBHOOK_TOKEN is not set. "
        "If not set: no, unless the installation was open before this setting existed.",
    )
    webhook_per_minute: int = Field(
        120,
        ge=1,
        le=1_000_000,
        description="Leads one address can send per minute without a token, if the webhook is "
        "open.",
    )
    max_webhook_unpacked_mb: int = Field(
        4,
        ge=1,
        le=64,
        description="Largest body of a form once it is unpacked, in MB. What is sent compressed "
        "can be up to 1 MB before that.",
    )
    background_work: bool = Field(
        True,
        description="Whether servers process deliveries themselves. Turn it off if separate "
        "machines run `python -m backend work`.",
    )
    big_jobs: int = Field(
        2,
        ge=1,
        le=100,
        description="How many large imports and exports one process runs at a time.",
    )
    big_jobs_in_all: int = Field(
        4,
        ge=1,
        le=1000,
        description="How many large imports and exports all servers run at a time.",
    )
    files_per_hour: int = Field(
        120,
        ge=1,
        le=1_000_000,
        description="How many exports, uploads, and changes of whole lists one person can make in "
        "an hour, each. All people together can make ten times as many.",
    )
    list_change_most: int = Field(
        100_000,
        ge=1,
        le=1_000_000,
        description="How many leads one change of a whole list can cover.",
    )
    observers_export: bool | None = Field(
        None,
        description="Whether observers can export leads. If not set: no, unless the installation "
        "had observers before this setting existed.",
    )
    retry_plan: RetryPlan = Field(
        ("1h", "4h", "1d"),
        description="When a lead that did not answer is called again: the waits after each try, "
        "such as 30m, 4h and 1d, separated by commas. After the last one it is unreachable.",
    )
    claim_minutes: int = Field(
        10,
        ge=1,
        le=1440,
        description="How long a claim lasts, in minutes: nobody else is offered a lead that "
        "someone has in hand. The web app renews it while they're at work.",
    )
    cors_origins: Origins = Field(
        ("http://localhost:3000", "http://127.0.0.1:3000"),
        description="Other origins whose pages can call the API, separated by spaces or commas.",
    )
    max_upload_mb: int = Field(
        25, ge=1, le=1024, description="Largest spreadsheet that can be uploaded, in MB."
    )
    max_connections: int = Field(
        500,
        ge=1,
        le=100_000,
        description="`serve`: connections one process keeps open. For one more, it closes the one "
        "that has kept it waiting longest.",
    )
    max_head_kb: int = Field(
        128,
        ge=4,
        le=1024,
        description="`serve`: largest request line and headers together, in KB.",
    )
    request_seconds: float = Field(
        20.0,
        ge=0.1,
        le=3600,
        description="`serve`: how long a client can take to send the head of a request, or to "
        "begin its body.",
    )
    request_bytes_per_second: int = Field(
        500,
        ge=1,
        le=1_000_000,
        description="`serve`: how fast a client must send a body, and read a response, on average.",
    )
    login_failures_per_minute: int = Field(
        5,
        ge=1,
        le=1_000_000,
        description="Failed sign-ins per minute, for one account and address, before more are "
        "refused.",
    )
    require_second_factor: bool = Field(
        False, description="Whether team leads must sign in with a second factor."
    )
    password_link_hours: int = Field(
        24,
        ge=1,
        le=720,
        description="How long a link to choose a password works, in hours.",
    )
    smtp_url: MailServer = Field(
        SecretStr(""),
        description="Mail server that sends such links: smtp://user:password@host:587, or smtps://.",
    )
    mail_from: str = Field("", description="Sender of emails. Default: the user in SMTP_URL.")
    public_url: PublicAddress = Field(
        "",
        description="Address where people open TOFA CRM, for links in emails and for passkeys.",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=9,
        description="Number of proxies in front of the server whose X-Forwarded-For is trusted "
        "(PythonAnywhere: 1).",
    )

    audit_days: int = Field(
        400,
        ge=31,
        le=36_500,
        description="How long events of the audit trail are kept, in days.",
    )
    plan_days: Days = Field(90, description="How long the rows of an import are kept, in days.")
    body_days: Days = Field(
        400, description="How long the raw bodies of settled deliveries are kept, in days."
    )
    bulk_change_days: Days = Field(
        90, description="How long a change of several leads can be undone, in days."
    )
    alert_days: Days = Field(
        30, description="How long alerts, and messages that were sent, are kept, in days."
    )
    erasure_days: int = Field(
        365,
        ge=0,
        le=36_500,
        description="How long an erased person's data is kept, for nobody to see, before it is "
        "destroyed, in days.",
    )
    erasure_at_once: bool = Field(
        False,
        description="Whether team leads can have an erased person's data destroyed at once.",
    )
    erasure_key: SecretStr = Field(
        SecretStr(""),
        description="Key with which erased people are recognised if an old file brings them again. "
        "Default: SECRET_KEY. Set it to the old one when you change that.",
    )
    log_format: Literal["", "text", "json"] = Field(
        "",
        description="Log a line for each request, and everything as `text` or `json`. Default: "
        "`serve` logs as text, other servers log warnings and errors only.",
    )
    metrics_token: MetricsToken = Field(
        SecretStr(""),
        description="Token with which Prometheus reads `/metrics`, at least 16 characters. "
        "Without it there are no metrics.",
    )
    sentry_dsn: SecretStr = Field(
        SecretStr(""),
        description="Where to report errors: the DSN of a project in Sentry. Needs the package "
        "`sentry-sdk`.",
    )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def erasure_secret(self) -> bytes:
        """The key of the hashes by which erased people are recognised."""
        key = self.erasure_key.get_secret_value() or self.secret_key.get_secret_value()
        return sha256(b"erased people\0" + key.encode()).digest()

    @property
    def max_upload_bytes(self) -> int:
        return self.max_upload_mb << 20

    @property
    def max_webhook_unpacked_bytes(self) -> int:
        return self.max_webhook_unpacked_mb << 20


def env_path() -> Path:
    """Return the file that settings are read from, if there is one."""
    return Path(os.environ.get("TOFA_ENV_FILE", home() / ".env"))


def load(**given: object) -> Settings:
    """Return this process's settings, overridden by `given`. Raises `ConfigurationError`."""
    env_file = env_path()
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
            f"The file {env_file} can't be read. It must be UTF-8 text that the user who runs "
            "TOFA CRM can read."
        ) from error
    key = secret_key.choose(settings.secret_key.get_secret_value(), settings.url)
    return settings.model_copy(update={"secret_key": SecretStr(key)})
