"""Every error that a user can meet, each with the status that it is answered with.

The core raises them, `api.handle` renders them, and nothing in between catches them. Those that
tell a caller what to change are also a `ValueError`, which is what scripts catch.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from backend.core.error_text import Fault, of_error, sentence

if TYPE_CHECKING:
    from pydantic import ValidationError


class Problem(Exception):
    """An error that is told to the user: `detail` is a sentence that a person can act on."""

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
    """The request is understood, and can't be done as it stands."""

    status = 400


class IncorrectLogin(BadRequest):
    """Says the same for an unknown email, a wrong password and a disabled account."""

    detail = "Incorrect email or password"


class EmailTaken(BadRequest):
    """The email belongs to an account, whatever its case."""

    detail = "Email already registered"


class Unauthenticated(Problem):
    """No token, or one that is not good (any more)."""

    status = 401
    detail = "Could not validate credentials"

    def __init__(self) -> None:
        super().__init__(headers={"www-authenticate": "Bearer"})


class Forbidden(Problem, ValueError):
    """Signed in, but not with a role that may do this."""

    status = 403
    detail = "Not authorized"


class NotFound(Problem, ValueError):
    """Not there, or not for this person to know of."""

    status = 404
    detail = "Nothing was found at this address. Check it and try again."


class LeadNotFound(NotFound):
    """Said of a lead of another center too."""

    detail = "Lead not found"


class UserNotFound(NotFound):
    detail = "User not found"


class CenterNotFound(NotFound):
    detail = "Center not found"


class AliasNotFound(NotFound):
    detail = "This center doesn't have that name"


class DeliveryNotFound(NotFound):
    detail = "Delivery not found"


class FormNotFound(NotFound):
    detail = "Form not found"


class ChangeNotFound(NotFound):
    detail = "Change not found"


class ImportNotFound(NotFound):
    detail = "Import not found"


class Conflict(Problem, ValueError):
    """It is not in the state that this needs (any more)."""

    status = 409


class MethodNotAllowed(Problem):
    """The path is known, the method is not; `allow` lists those that are."""

    status = 405
    detail = "This address doesn't take this kind of request. Check the method."

    def __init__(self, allow: Sequence[str]) -> None:
        super().__init__(headers={"allow": ", ".join(allow)})


class Outdated(Problem):
    """Somebody has changed it since it was read (RFC 9110, section 13.1.1)."""

    status = 412
    detail = "Someone else updated this lead. Review the changes, then save again."


class TooLarge(Problem):
    """The body is over its limit, which is in bytes."""

    status = 413

    def __init__(self, limit: int) -> None:
        size = f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} KB"
        super().__init__(f"The request is too large: send at most {size}")


class Invalid(Problem, ValueError):
    """What fails validation: `detail` tells it, `faults` say where; the input is in neither."""

    status = 422

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(sentence(faults))
        self.faults = faults

    @classmethod
    def at(cls, *loc: str | int, msg: str, type: str = "value_error") -> "Invalid":
        """One fault, at one place."""
        return cls([{"type": type, "loc": loc, "msg": msg}])

    @classmethod
    def of(cls, error: "ValidationError", place: str) -> "Invalid":
        """What a model found, with `place` before each location."""
        return cls(of_error(error, place))


class TooManyAttempts(Problem):
    """Slowed down; the answer says for how many seconds."""

    status = 429

    def __init__(self, wait: int) -> None:
        super().__init__(
            f"Too many attempts: try again in {wait} seconds", {"retry-after": str(wait)}
        )


class Busy(Problem):
    """No database connection came free in time."""

    status = 503
    detail = "The server is busy: try again in a moment"

    def __init__(self) -> None:
        super().__init__(headers={"retry-after": "2"})


class TooManyJobs(Problem):
    """No place for a large import or export came free in time."""

    status = 503
    detail = "Other large imports and exports are running. Try again in a few seconds"

    def __init__(self) -> None:
        super().__init__(headers={"retry-after": "5"})


class NotReady(Problem):
    """The server runs, but not with this database; its log says why."""

    status = 503
    detail = "The database is not ready: the server's log says why"


class ConfigurationError(Exception):
    """What stops the start: one sentence, for the person who runs the host."""
