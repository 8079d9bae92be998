"""A request that comes twice at once is carried out twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request

from pulsegate.reference_server.kit.events import Event, Made, Stream
from pulsegate.reference_server.routers import kit
from pulsegate.reference_server.tampering import Seams

BREAKS = ("KIT-9",)
Key = tuple[str, str]


def plant(seams: Seams) -> None:
    """Record the id when its answer is complete, instead of claiming it before."""
    answered: dict[Key, list[Event]] = {}

    async def recorded(stream: Stream, key: Key) -> Stream:
        events = []
        async for event in stream:
            events.append(event)
            yield event
        answered[key] = events

    async def replayed(key: Key) -> Stream:
        for event in answered[key]:
            yield event

    async def once(request: Request, key: Key, sent: dict[str, Any], make: Callable[[], Awaitable[Made]]) -> Made:
        if key in answered:
            return replayed(key)
        made = await make()
        return made if isinstance(made, dict) else recorded(made, key)

    seams.replace(kit, "_once", lambda _: once)
