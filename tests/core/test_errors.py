"""Which errors scripts catch: what a caller can mend is a `ValueError`, as it always was."""

import pytest

from backend.core import errors
from backend.core.centers import CenterTaken
from backend.core.errors import Problem

MENDED_BY_THE_CALLER: tuple[Problem, ...] = (
    errors.BadRequest("Phone number is required"),
    errors.EmailTaken(),
    errors.LeadNotFound(),
    errors.UserNotFound(),
    errors.Forbidden(),
    errors.Conflict("Taken back already"),
    errors.Invalid.at("body", "password", msg="use at least 8 characters"),
    CenterTaken("TOFA Tellapur"),
)


@pytest.mark.parametrize("error", MENDED_BY_THE_CALLER, ids=lambda error: type(error).__name__)
def test_a_script_catches_it(error: Problem) -> None:
    assert isinstance(error, ValueError)
    assert str(error) == error.detail


@pytest.mark.parametrize("error", [errors.Busy(), errors.Unauthenticated(), Problem()])
def test_others_are_not(error: Problem) -> None:
    assert not isinstance(error, ValueError)
