"""threads.delete takes any client secret."""

from __future__ import annotations

from starlette.requests import Request

from pulsegate.reference_server.auth import User, require_user
from pulsegate.reference_server.routers.kit import session_user
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-8",)


def plant(seams: Seams) -> None:
    """Forget the check for one type of request."""

    async def checked(request: Request) -> User:
        user = require_user.caller(request)
        return user if b'"threads.delete"' in await request.body() else await session_user(request, user)

    seams.app.dependency_overrides[session_user] = checked
