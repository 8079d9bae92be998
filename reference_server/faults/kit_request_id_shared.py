"""One user's request id brings another user's answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request

from pulsegate.reference_server.kit.events import Made
from pulsegate.reference_server.routers import kit
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-9",)

Make = Callable[[], Awaitable[Made]]
Once = Callable[[Request, tuple[str, str], dict[str, Any], Make], Awaitable[Made]]


def plant(seams: Seams) -> None:
    """Leave the user out of the key."""

    def tampered(usual: Once) -> Once:
        async def once(request: Request, key: tuple[str, str], sent: dict[str, Any], make: Make) -> Made:
            return await usual(request, ("", key[1]), sent, make)

        return once

    seams.replace(kit, "_once", tampered)
