"""What the surfaces share. Each member is small and replaceable by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.requests import HTTPConnection

from pulsegate.reference_server import auth
from pulsegate.reference_server.agent.agent import Agent
from pulsegate.reference_server.heartbeats import Heartbeats
from pulsegate.reference_server.limits import RateLimiter
from pulsegate.reference_server.metrics import Metrics
from pulsegate.reference_server.rooms import Rooms
from pulsegate.reference_server.runs import Runs
from pulsegate.reference_server.settings import Settings
from pulsegate.reference_server.store.store import Store
from pulsegate.reference_server.streaming import OpenStreams


@dataclass
class Services:
    """The parts of one running server, held as ``app.state.services``.

    ``verify`` turns a token into a user or None. ``closing`` is set when shutdown begins: streams end,
    sockets close and nothing new is opened. ``scratch`` is a private directory, removed at the end.
    """

    settings: Settings
    store: Store
    agent: Agent
    verify: Callable[[str], auth.User | None]
    metrics: Metrics
    limiter: RateLimiter
    heartbeats: Heartbeats
    streams: OpenStreams
    runs: Runs
    rooms: Rooms
    scratch: Path
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def begin_closing(self) -> None:
        """End every event stream cleanly and close every socket with 1012."""
        self.closing.set()
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
    """Open the store and everything around it; closed again on leaving. StoreUnusable.

    Without a store URL the store is a temporary SQLite file, gone afterwards.
    """
    with TemporaryDirectory(prefix="pulsegate-reference-", ignore_cleanup_errors=True) as directory:
        store = await open_store(settings.store_url or f"sqlite+aiosqlite:///{Path(directory) / 'store.db'}")
        metrics = Metrics()
        runs = Runs(settings.word_gap_ms / 1000)
        try:
            yield Services(
                settings=settings,
                store=store,
                agent=Agent(store),
                verify=partial(auth.verify, settings=settings),
                metrics=metrics,
                limiter=RateLimiter(settings.requests_per_min),
                heartbeats=Heartbeats(settings.heartbeat_s),
                streams=OpenStreams(metrics),
                runs=runs,
                rooms=Rooms(),
                scratch=Path(directory),
            )
        finally:
            runs.close()
            await store.close()
