"""The first steps of an installation: what is answered."""

from datetime import datetime

from typing_extensions import TypedDict


class MetaSetup(TypedDict):
    """What is set for Meta, and when it last sent something (UTC)."""

    webhook_path: str
    verify_token: str | None
    app_secret: bool
    access_token: bool
    last_delivery_at: datetime | None


class Onboarding(TypedDict):
    """What there is already."""

    centers: int
    people: int
    leads: bool
    imports: bool
    meta: MetaSetup


class Check(TypedDict):
    """One thing that was looked at."""

    name: str
    ok: bool
    message: str


class MetaCheck(TypedDict):
    """Whether Meta can be reached with what is set."""

    ok: bool
    checks: list[Check]
