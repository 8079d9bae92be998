"""A repeated message in a thread is answered again."""

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
    """Look at the id in one handler of two."""

    def tampered(usual: Once) -> Once:
        async def once(request: Request, key: tuple[str, str], sent: dict[str, Any], make: Make) -> Made:
            return await (usual(request, key, sent, make) if sent.get("type") == "threads.create" else make())

        return once

    seams.replace(kit, "_once", tampered)
