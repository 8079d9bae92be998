"""A Redis of the tests' own, and workers that share it within one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from pulsegate.harness.parts.redis import RedisPart
from pulsegate.reference_server.shared import hub as hub_module
from pulsegate.reference_server.shared import logs as logs_module
from pulsegate.reference_server.shared.hub import Hub


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisPart]:
    """A Redis that the tests of one file share."""
    with RedisPart() as part:
        yield part


@pytest.fixture
async def connect(redis: RedisPart) -> AsyncIterator[Callable[[], Awaitable[Hub]]]:
    """Open a hub, as another worker does; Redis is empty at the beginning."""
    hubs: list[Hub] = []

    async def opened() -> Hub:
        hub = Hub(redis.url)
        await hub.open()
        if not hubs:
            await hub.command("FLUSHALL")
        hubs.append(hub)
        return hub

    yield opened
    for hub in hubs:
        await hub.close()


@pytest.fixture
def quick_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases of a second, looked at ten times as often."""
    monkeypatch.setattr(logs_module, "LEASE_S", 1)
    monkeypatch.setattr(logs_module, "RENEW_EVERY_S", 0.1)
    monkeypatch.setattr(hub_module, "RETRY_EVERY_S", 0.02)


@pytest.fixture
def soon() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Wait until something is so."""

    async def wait(is_so: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not is_so():  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)

    return wait
