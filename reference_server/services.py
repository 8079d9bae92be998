"""What the surfaces share. Each member is small and replaceable by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from pulsegate.reference_server import auth
from pulsegate.reference_server.agent.agent import Agent
from pulsegate.reference_server.audit import Audit
from pulsegate.reference_server.connections import Connections, Places
from pulsegate.reference_server.heartbeats import Heartbeats
from pulsegate.reference_server.limits import Limiter, RateLimiter
from pulsegate.reference_server.metrics import Metrics
from pulsegate.reference_server.rooms import Rooms
from pulsegate.reference_server.runs import Runs
from pulsegate.reference_server.settings import Settings
from pulsegate.reference_server.store.store import Store
from pulsegate.reference_server.streaming import OpenStreams

if TYPE_CHECKING:
    from pulsegate.reference_server.shared.state import Shared


@dataclass
class Services:
    """The parts of one running server, held as ``app.state.services``.

    ``verify`` turns a token into a user or None. ``closing`` is set when shutdown begins: streams end,
    sockets close and nothing new is opened. ``scratch`` is a private directory, removed at the end. With Redis
    ``shared`` stands in for `runs` and KIT's answers, and ``rooms`` holds what is connected to this worker.
    """

    settings: Settings
    store: Store
    agent: Agent
    verify: Callable[[str], auth.User | None]
    metrics: Metrics
    limiter: Limiter
    connections: Places
    audit: Audit
    heartbeats: Heartbeats
    streams: OpenStreams
    runs: Runs
    rooms: Rooms
    scratch: Path
    shared: Shared | None = None
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def begin_closing(self) -> None:
        """End every event stream cleanly and close every socket with 1012."""
        self.closing.set()
        if self.shared is not None:
            self.shared.begin_closing()
        self.streams.end_all()
        self.rooms.close_all()


def services_of(connection: HTTPConnection) -> Services:
    """The services of the application that handles `connection`."""
    services: Services = connection.app.state.services
    return services


class StoreUnusable(Exception):
    """The store cannot be opened; the text is one sentence for the user."""


async def open_store(url: str) -> Store:
    """The store at `url`; StoreUnusable."""
    try:
        return await Store.open(url)
    except Exception as problem:  # whatever the database's driver raises
        reason = str(problem).partition("\n")[0]
        raise StoreUnusable(f"--store: the store cannot be opened: {reason}") from None


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the store and everything around it; closed again on leaving. StoreUnusable, AuditUnusable.

    Without a store URL the store is a temporary SQLite file, gone afterwards.
    """
    metrics = Metrics()
    with (
        closing(Audit(settings.audit_log, metrics)) as audit,
        TemporaryDirectory(prefix="pulsegate-reference-", ignore_cleanup_errors=True) as directory,
    ):
        store = await open_store(settings.store_url or f"sqlite+aiosqlite:///{Path(directory) / 'store.db'}")
        runs = Runs(settings.word_gap_ms / 1000)
        rooms = Rooms()
        held = AsyncExitStack()
        try:
            shared = await held.enter_async_context(_shared(settings, rooms)) if settings.redis_url else None
            yield Services(
                settings=settings,
                store=store,
                agent=Agent(store),
                verify=partial(auth.verify, settings=settings),
                metrics=metrics,
                limiter=shared.limiter if shared else RateLimiter(settings.requests_per_min),
                connections=shared.connections if shared else Connections(settings.connections_per_user),
                audit=audit,
                heartbeats=Heartbeats(settings.heartbeat_s),
                streams=OpenStreams(metrics),
                runs=runs,
                rooms=rooms,
                scratch=Path(directory),
                shared=shared,
            )
        finally:
            await held.aclose()
            runs.close()
            await store.close()


@asynccontextmanager
async def _shared(settings: Settings, rooms: Rooms) -> AsyncIterator[Shared]:
    from pulsegate.reference_server.shared.state import open_shared  # noqa: PLC0415 - its client is half a second of start

    async with open_shared(settings, rooms) as shared:
        yield shared
