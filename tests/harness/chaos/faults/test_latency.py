"""Latency: later, and still in order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import Wire


async def test_what_the_target_sends_comes_later_and_in_order(wire: Wire) -> None:
    """No read comes before its delay is over, and jitter changes no order."""
    client, target = await wire.stream()
    harm = wire.relay.arm("latency", {"delay_s": 0.1, "jitter_s": 0.05})
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    for number in range(10):
        await target.send(wire.chunk(b"data: %d\n\n" % number))
        await asyncio.sleep(0)
    await target.send(b"0\r\n\r\n")

    assert await wire.body(client) == b"".join(b"data: %d\n\n" % number for number in range(10))
    assert loop.time() - began_s >= 0.1
    assert harm.done == 1


async def test_new_connections_are_slow_too(wire: Wire) -> None:
    """A connection that is opened while it lasts is slowed down like those that were there."""
    wire.relay.arm("latency", {"delay_s": 0.1, "jitter_s": 0.0})
    loop = asyncio.get_running_loop()
    began_s = loop.time()

    await wire.stream()

    assert loop.time() - began_s >= 0.1


async def test_end_comes_behind_what_waits(wire: Wire) -> None:
    """The end of the connection overtakes nothing, also when the time of the fault is up first."""
    client, target = await wire.stream()
    wire.relay.arm("latency", {"delay_s": 30.0, "jitter_s": 0.0, "for_s": 0.05})
    await target.send(b"last words")
    target.writer.close()

    assert await client.rest() == b"last words"
