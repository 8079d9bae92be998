"""All that the workers of one server share, as one worker holds it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pulsegate.reference_server.rooms import Rooms
from pulsegate.reference_server.settings import Settings
from pulsegate.reference_server.shared.answers import SharedAnswers
from pulsegate.reference_server.shared.hub import Hub
from pulsegate.reference_server.shared.limits import SharedConnections, SharedRateLimiter
from pulsegate.reference_server.shared.logs import Logs
from pulsegate.reference_server.shared.rooms import SharedRooms
from pulsegate.reference_server.shared.runs import SharedRuns


@dataclass(frozen=True)
class Shared:
    """The parts that stand in for those of a single process."""

    hub: Hub
    rooms: SharedRooms
    runs: SharedRuns
    answers: SharedAnswers
    limiter: SharedRateLimiter
    connections: SharedConnections

    def begin_closing(self) -> None:
        """Give away what is under way here."""
        self.runs.begin_closing()
        self.answers.begin_closing()


@asynccontextmanager
async def open_shared(settings: Settings, rooms: Rooms) -> AsyncIterator[Shared]:
    """What the workers share through the Redis of `settings`, and this worker's own `rooms`."""
    hub = Hub(settings.redis_url)
    logs = Logs(hub)
    shared = Shared(
        hub=hub,
        rooms=SharedRooms(hub, rooms),
        runs=SharedRuns(logs, settings.word_gap_ms / 1000),
        answers=SharedAnswers(logs),
        limiter=SharedRateLimiter(hub, settings.requests_per_min),
        connections=SharedConnections(hub, settings.connections_per_user),
    )
    keeper: asyncio.Task[None] | None = None
    try:
        await hub.open()
        keeper = asyncio.create_task(shared.connections.keep())
        yield shared
    finally:
        if keeper is not None:
            keeper.cancel()
        await shared.runs.close()
        await shared.answers.close()
        await shared.connections.close()
        await hub.close()
