"""Bandwidth: so many bytes a second, and none lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import Wire


async def test_bytes_come_at_the_rate(wire: Wire) -> None:
    """Ten kilobytes at 50 kB/s take their time, and come whole."""
    client, target = await wire.stream()
    wire.relay.arm("bandwidth", {"rate": 50_000.0})
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    await target.send(b"x" * 10_000)

    assert await client.read(10_000) == b"x" * 10_000
    assert loop.time() - began_s >= 0.15


async def test_rest_comes_at_once_when_its_time_is_up(wire: Wire) -> None:
    """What waited for its turn is passed on in order when the fault ends, and the way is free again."""
    client, target = await wire.stream()
    wire.relay.arm("bandwidth", {"rate": 100.0, "for_s": 0.1})
    await target.send(b"x" * 5_000 + b"!")

    assert await client.read(5_001) == b"x" * 5_000 + b"!"
    await target.send(b"more")
    await client.expect(b"more")
