"""Anybody reaches the upload route, without a token."""

from __future__ import annotations

from starlette.requests import Request

from pulsegate.reference_server.auth import User, require_user
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-3",)


def plant(seams: Seams) -> None:
    """Forget the dependency of one route."""

    def user_of(request: Request) -> User:
        return User("nobody", "") if request.url.path.endswith("/upload") else require_user.caller(request)

    seams.app.dependency_overrides[require_user] = user_of
