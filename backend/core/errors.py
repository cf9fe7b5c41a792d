"""Every error a user can see, each with its HTTP status.

The core raises them, `api.handle` turns them into responses, and nothing in between catches them.
Errors that the caller can fix are also a `ValueError`, which scripts can catch.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

from backend.core.error_text import Fault, of_error, sentence

if TYPE_CHECKING:
    from pydantic import ValidationError


# The header that tells clients what is missing: a `code`, or the `setup` of a second factor.
SECOND_FACTOR = "x-second-factor"


class Problem(Exception):
    """An error shown to the user. `detail` is a sentence that a person can act on."""

    status = 500
    detail: str = (
        "Something went wrong on the server. Try again; if it keeps happening, "
        "tell your administrator."
    )

    def __init__(self, detail: str | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail or self.detail)
        if detail is not None:
            self.detail = detail
        self.headers = dict(headers or {})


class BadRequest(Problem, ValueError):
    """The request is valid, but can't be carried out."""

    status = 400


class UnreadableBody(BadRequest):
    """The body ends too soon, is no valid HTTP, or has no length and the server needs one."""

    detail = "The body of the request can't be read. Send it again, with its Content-Length"


class IncorrectLogin(BadRequest):
    """The sign-in failed. The text is the same for an unknown email and a wrong password."""

    detail = "Incorrect email or password"


class CodeNeeded(BadRequest):
    """The password is right, and the account has a second factor."""

    detail = "Add the 6-digit code of your authenticator app, or a recovery code, as otp"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, {SECOND_FACTOR: "code"})


class IncorrectCode(CodeNeeded):
    """The code of the second factor is wrong, or was used."""

    detail = "This code is wrong or was already used. Enter the next one"


class PasskeyNeeded(CodeNeeded):
    """The password is right, and the account's second factor is a passkey."""

    detail = "Sign in with your passkey, or add a recovery code as otp"

    def __init__(self) -> None:
        super().__init__()
        self.headers[SECOND_FACTOR] = "passkey"


class IncorrectPasskey(BadRequest):
    """The answer of a passkey is wrong, too late, or was used; or no account has that passkey."""

    detail = "This passkey can't be used here. Try again, or sign in with your password"


class EmailTaken(BadRequest):
    """Another account has this email, ignoring case."""

    detail = "Email already registered"


class Unauthenticated(Problem):
    """The request has no token, or one that is invalid or has expired."""

    status = 401
    detail = "Could not validate credentials"

    def __init__(self) -> None:
        super().__init__(headers={"www-authenticate": "Bearer"})


class Forbidden(Problem, ValueError):
    """The person's role doesn't allow this."""

    status = 403
    detail = "Not authorized"


class SecondFactorMissing(Forbidden):
    """The settings require a second factor of this person, who signed in without one."""

    detail = "Team leads need two-step sign-in here. Set it up under Sign-in and security"

    def __init__(self) -> None:
        super().__init__(headers={SECOND_FACTOR: "setup"})


class NotFound(Problem, ValueError):
    """It doesn't exist, or this person has no access to it."""

    status = 404
    detail = "Nothing was found at this address. Check it and try again."


class LeadNotFound(NotFound):
    """The lead doesn't exist, or belongs to another center."""

    detail = "Lead not found"


class UserNotFound(NotFound):
    detail = "User not found"


class SessionNotFound(NotFound):
    detail = "Session not found, or it has ended"


class PasskeyNotFound(NotFound):
    detail = "Passkey not found"


class LinkNotFound(NotFound):
    detail = "This link has expired or was already used. Ask a team lead for a new one"


class CenterNotFound(NotFound):
    detail = "Center not found"


class AliasNotFound(NotFound):
    detail = "This center doesn't have that alias"


class DeliveryNotFound(NotFound):
    detail = "Delivery not found"


class FormNotFound(NotFound):
    detail = "Form not found"


class PageNotFound(NotFound):
    detail = "Page not found"


class ErasureNotFound(NotFound):
    detail = "Erasure not found"


class ConsentNotFound(NotFound):
    detail = "Consent not found, or already withdrawn"


class ChangeNotFound(NotFound):
    detail = "Change not found"


class ViewNotFound(NotFound):
    detail = "View not found"


class AttemptNotFound(NotFound):
    detail = "Call not found, or someone else made it"


class MessageTextNotFound(NotFound):
    detail = "Text not found"


class ChoiceNotFound(NotFound):
    detail = "This entry was not found. It may have been removed"


class HolidayNotFound(NotFound):
    detail = "This holiday was not found. It may have been removed"


class LeaveNotFound(NotFound):
    detail = "This leave was not found. It may have been removed"


class RuleNotFound(NotFound):
    detail = "This rule was not found. It may have been removed"


class MergeNotFound(NotFound):
    detail = "Merge not found"


class ImportNotFound(NotFound):
    detail = "Import not found"


class Conflict(Problem, ValueError):
    """The state has changed, or doesn't allow this."""

    status = 409


class MethodNotAllowed(Problem):
    """The path exists, but not with this method; `allow` lists the methods it has."""

    status = 405
    detail = "This address doesn't accept this kind of request. Check the method."

    def __init__(self, allow: Sequence[str]) -> None:
        super().__init__(headers={"allow": ", ".join(allow)})


class Outdated(Problem):
    """Someone else changed it after it was read (RFC 9110, section 13.1.1)."""

    status = 412
    detail = "Someone else updated this lead. Review the changes, then save again."


class TooLarge(Problem):
    """The body exceeds the limit, which is in bytes."""

    status = 413

    def __init__(self, limit: int) -> None:
        size = f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} KB"
        super().__init__(f"The request is too large: send at most {size}")


class Invalid(Problem, ValueError):
    """The input is invalid. `detail` summarizes the `faults`; neither contains the input."""

    status = 422

    def __init__(self, faults: Sequence[Fault], model: str = "") -> None:
        super().__init__(sentence(faults, model))
        self.faults = faults

    @classmethod
    def at(cls, *loc: str | int, msg: str, type: str = "value_error") -> "Invalid":
        """Return an error with one fault, at one location."""
        return cls([{"type": type, "loc": loc, "msg": msg}])

    @classmethod
    def of(cls, error: "ValidationError", place: str) -> "Invalid":
        """Return the faults a Pydantic model found, with `place` before each location."""
        return cls(of_error(error, place), error.title)


class TooManyAttempts(Problem):
    """The limit on attempts is reached. `wait` is in seconds."""

    status = 429

    def __init__(self, wait: int) -> None:
        super().__init__(
            f"Too many attempts: try again in {wait} seconds", {"retry-after": str(wait)}
        )


class TooManyFiles(TooManyAttempts):
    """A person, or all people together, have exported or uploaded enough for an hour."""

    what = "exports or uploads"

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        minutes = ceil(wait / 60)
        in_time = "a minute" if minutes == 1 else f"{minutes} minutes"
        self.detail = f"There were too many {self.what}: try again in {in_time}"


class Busy(Problem):
    """No database connection became free in time."""

    status = 503
    detail = "The server is busy: try again in a moment"

    def __init__(self) -> None:
        super().__init__(headers={"retry-after": "2"})


class TooManyChanges(TooManyFiles):
    """A person, or all people together, have changed enough whole lists for an hour."""

    what = "changes of whole lists"


class TooManyJobs(Problem):
    """No slot for a large import or export became free in time."""

    status = 503
    detail = "Other large imports and exports are running. Try again in a few seconds"

    def __init__(self) -> None:
        super().__init__(headers={"retry-after": "5"})


class NotReady(Problem):
    """The server is running, but can't use its database; the log says why."""

    status = 503
    detail = "The server can't use its database right now. Try again in a few minutes"


class CannotSave(Problem):
    """The disk is full, or the database can only be read. Team leads are told which."""

    status = 503
    detail = "The server can't save anything right now. Try again in a few minutes"


class DiskFull(CannotSave):
    """For team leads, who can do something about it."""

    detail = "The server's disk is full: nothing can be saved until there is space"


class FileReplaced(Problem):
    """The database's file is another one than the server has opened: the log says so."""

    status = 503
    detail = "Nothing can be saved until the server is restarted. Tell your administrator"


class ConfigurationError(Exception):
    """The program can't start. The text says why, and what the administrator should do."""
