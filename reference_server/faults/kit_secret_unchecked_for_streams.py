"""Requests that are answered with a stream take any client secret."""

from __future__ import annotations

from starlette.requests import Request

from pulsegate.reference_server.auth import User, require_user
from pulsegate.reference_server.routers.kit import session_user
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-8",)

STREAMING = ("threads.create", "threads.add_user_message", "threads.retry_after_item", "threads.custom_action")


def plant(seams: Seams) -> None:
    """Validate the secret where JSON is answered only."""

    async def checked(request: Request) -> User:
        user = require_user.caller(request)
        body = await request.body()
        if any(f'"{name}"'.encode() in body for name in STREAMING):
            return user
        return await session_user(request, user)

    seams.app.dependency_overrides[session_user] = checked
