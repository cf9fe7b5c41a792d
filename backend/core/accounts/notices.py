"""Emails that tell a person when something has changed by which they sign in.

They go to the address that the account had at that moment, so that someone who changes the address
as well doesn't get them instead. A new address is told to the old one only in part: it may be of
someone else. Without a mail server nothing is written.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from backend.core import mail, times
from backend.core.db import Database
from backend.core.outbox import emails, messages
from backend.core.outbox.channels import Message, Result
from backend.core.settings import Settings
from backend.models import MessageState, User

CHANNEL = "account_email"
SUBJECT = "Your TOFA CRM account was changed"


class Notice(StrEnum):
    """What a person is told of. An address that changes is told of twice, each to its owner."""

    EMAIL_LEFT = "email_left"
    EMAIL_GIVEN = "email_given"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    PASSWORD_SET_BY_LINK = "password_set_by_link"  # noqa: S105
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"


_SAID = {
    Notice.EMAIL_LEFT: "The email address of your account was changed to {new}. "
    "You can no longer sign in with this one.",
    Notice.EMAIL_GIVEN: "You now sign in to TOFA CRM with this email address. "
    "Your password is still the same.",
    Notice.PASSWORD_CHANGED: "The password of your account was changed.",
    Notice.PASSWORD_SET_BY_LINK: "A new password was set with a one-time link.",
    Notice.SECOND_FACTOR_ADDED: "An authenticator app was added to your account.",
    Notice.SECOND_FACTOR_REMOVED: "The authenticator app of your account was removed.",
    Notice.RECOVERY_CODES_RENEWED: "Your recovery codes were replaced by new ones.",
    Notice.PASSKEY_ADDED: "A passkey was added to your account.",
    Notice.PASSKEY_REMOVED: "A passkey of your account was removed.",
}
_IF_OWN = (
    "If this was you, there's nothing to do. If it wasn't, tell a team lead at once, who can set a "
    "new password and end your sessions."
)
_IF_ANOTHERS = (
    "If you asked for this, there's nothing to do. If you don't know why, ask them, or tell "
    "another team lead at once."
)
_IF_STRANGER = "If you don't know TOFA CRM, this address was entered by mistake: ignore this email."


def put(
    session: Session,
    settings: Settings,
    kind: Notice,
    user: User,
    by: int | None,
    *,
    new: str = "",
) -> None:
    """Add a message to a person's address; `by` is who made the change, None for the server.

    `new` is their new address, for the one before.
    """
    if not mail.is_set_up(settings):
        return
    data: dict[str, Any] = {"to": user.email, "by": by, "at": times.now().isoformat()}
    if new:
        data["new"] = masked(new)
    row = messages.row(CHANNEL, kind.value, user_id=user.id, receiver=emails.RECEIVER, data=data)
    messages.put(session, row)


def masked(email: str) -> str:
    """Return as much of an address as its owner needs to know it again."""
    name, _, host = email.rpartition("@")
    first, _, last = host.rpartition(".")
    return f"{_begun(name)}@{_begun(first)}.{last}" if first else f"{_begun(name)}@{_begun(host)}"


def _begun(text: str) -> str:
    return f"{text[:1] if len(text) > 2 else ''}***"


def send(db: Database, settings: Settings, message: Message) -> Result:
    """Send a notice: the channel of emails about accounts."""
    with db.read() as session:
        user = session.get(User, message.user_id or 0)
        by = session.get(User, message.data.get("by") or 0)
        if user is None:
            return Result.void()
        text = _text(settings, message, user, by)
    to = str(message.data["to"])
    result = emails.send(settings, to, SUBJECT, text, f"account.{message.id}")
    if message.kind == Notice.EMAIL_LEFT and result.state == MessageState.FAILED:
        # An address is mostly changed because the one before is gone: nobody can do anything.
        return Result.void()
    return result


def _text(settings: Settings, message: Message, user: User, by: User | None) -> str:
    kind = Notice(message.kind)
    at = datetime.fromisoformat(message.data["at"]).astimezone(settings.zone)
    advice = [_IF_OWN if by is not None and by.id == user.id else _IF_ANOTHERS]
    if kind == Notice.EMAIL_GIVEN:
        advice.append(_IF_STRANGER)
    paragraphs = (
        f"Hello {user.full_name},",
        _SAID[kind].format(new=message.data.get("new", "")),
        f"When: {at:%d %B %Y, %H:%M} ({settings.zone.key})\nBy: {_who(message, user, by)}",
        *advice,
        settings.public_url.rstrip("/"),
    )
    return "\n\n".join(paragraphs) + "\n"


def _who(message: Message, user: User, by: User | None) -> str:
    if by is not None:
        return "your own account" if by.id == user.id else by.full_name
    is_known = message.data.get("by") is not None
    return "someone who is no longer here" if is_known else "the administrator of the server"
