"""Onboarding: the output of its routes."""

from datetime import datetime

from typing_extensions import TypedDict


class MetaSetup(TypedDict):
    """The settings for Meta, and the time of its last delivery (UTC)."""

    webhook_path: str
    verify_token: str | None
    app_secret: bool
    access_token: bool
    last_delivery_at: datetime | None


class WebhookSetup(TypedDict):
    """Who can send leads to the webhook without Meta's signature.

    `is_open` is whether anyone can, `token_is_set` whether the settings have a `WEBHOOK_TOKEN`.
    `token` is the installation's own token, unless that is set.
    """

    is_open: bool
    token_is_set: bool
    token: str | None


class Onboarding(TypedDict):
    """Which setup steps are done."""

    centers: int
    people: int
    leads: bool
    imports: bool
    meta: MetaSetup
    webhook: WebhookSetup


class Check(TypedDict):
    """The result of one check."""

    name: str
    ok: bool
    message: str


class MetaCheck(TypedDict):
    """Whether Meta can be reached with these settings."""

    ok: bool
    checks: list[Check]
