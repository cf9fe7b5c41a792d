"""A FastAPI dependency that returns the signed-in person, for your own routes."""

from typing import Annotated

from anyio import to_thread
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import OAuth2PasswordBearer

from backend.core.access import Person
from backend.core.errors import Problem
from backend.fastapi_app import app, tofa

# For code that reads the token itself. It responds with 401 if there is no token.
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="/token")
_scheme = OAuth2PasswordBearer(tokenUrl="/token", auto_error=False)


async def get_current_user(
    request: Request, _token: Annotated[str | None, Depends(_scheme)]
) -> Person:
    """Return the person behind the bearer token. Raises an `HTTPException` with status 401.

    Use `Depends(get_current_user)` in a route that you add to `backend.fastapi_app.app`, or to an
    app of your own: its tokens are those of `backend.fastapi_app.app`.
    """
    authorization = request.headers.get("authorization")
    try:
        return await to_thread.run_sync(tofa(_ours(request.app)).identify, authorization)
    except Problem as problem:
        raise HTTPException(problem.status, problem.detail, problem.headers) from problem


def _ours(served: FastAPI) -> FastAPI:
    """Return the app whose API knows the tokens: the one that is served, unless it isn't ours."""
    return served if hasattr(served.state, "settings") else app
