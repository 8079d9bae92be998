"""items.list looks for the thread before it looks at the token: without one it answers 404."""

from __future__ import annotations

from fastapi import HTTPException
from starlette.requests import Request

from pulsegate.reference_server.auth import User, require_user
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-3",)


def plant(seams: Seams) -> None:
    """Answer 404 where 401 would be due."""

    async def user_of(request: Request) -> User:
        try:
            return require_user.caller(request)
        except HTTPException:
            if b'"items.list"' in await request.body():
                raise HTTPException(404, "Thread not found.") from None
            raise

    seams.app.dependency_overrides[require_user] = user_of
