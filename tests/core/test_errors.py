"""Errors that scripts can catch: those that the caller can fix are a `ValueError`."""

import pytest

from backend.core import errors
from backend.core.centers import CenterTaken
from backend.core.errors import Problem

CALLER_CAN_FIX: tuple[Problem, ...] = (
    errors.BadRequest("Phone number is required"),
    errors.EmailTaken(),
    errors.LeadNotFound(),
    errors.UserNotFound(),
    errors.Forbidden(),
    errors.Conflict("Already undone"),
    errors.Invalid.at("body", "password", msg="use at least 8 characters"),
    CenterTaken("TOFA Tellapur"),
)


@pytest.mark.parametrize("error", CALLER_CAN_FIX, ids=lambda error: type(error).__name__)
def test_errors_that_the_caller_can_fix(error: Problem) -> None:
    assert isinstance(error, ValueError)
    assert str(error) == error.detail


@pytest.mark.parametrize("error", [errors.Busy(), errors.Unauthenticated(), Problem()])
def test_other_errors(error: Problem) -> None:
    assert not isinstance(error, ValueError)
