"""Who makes a request, as a FastAPI dependency for routes of one's own."""

from typing import Annotated

from anyio import to_thread
from fastapi import Depends, HTTPException, Request
from fastapi.security import OAuth2PasswordBearer

from backend.core.access import Person
from backend.core.errors import Problem
from backend.fastapi_app import tofa

# For what reads the token itself: answers 401 where there is none.
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="/token")
_scheme = OAuth2PasswordBearer(tokenUrl="/token", auto_error=False)


async def get_current_user(
    request: Request, _token: Annotated[str | None, Depends(_scheme)]
) -> Person:
    """The person behind the bearer token; answers 401 where there is none.

    `Depends(get_current_user)` in a route that is added to `backend.fastapi_app.app`.
    """
    authorization = request.headers.get("authorization")
    try:
        return await to_thread.run_sync(tofa(request.app).identify, authorization)
    except Problem as problem:
        raise HTTPException(problem.status, problem.detail, problem.headers) from problem
