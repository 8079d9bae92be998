"""Hold data but pass heartbeats."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import Wire


async def test_heartbeats_overtake_data(wire: Wire) -> None:
    """Comments and heartbeats come while data waits; at the end it comes in order, and nothing is lost."""
    client, target = await wire.stream()
    wire.relay.arm("hold-data", {"for_s": 0.3})
    for event in (b"data: 1\n\n", b": ping\n\n", b"data: 2\n\n", b'data: {"type": "heartbeat"}\n\n'):
        await target.send(wire.chunk(event))

    beats = wire.chunk(b": ping\n\n") + wire.chunk(b'data: {"type": "heartbeat"}\n\n')
    await client.expect(beats)
    await client.expect(wire.chunk(b"data: 1\n\ndata: 2\n\n"))
    await target.send(wire.chunk(b"data: 3\n\n"))
    await client.expect(wire.chunk(b"data: 3\n\n"))


async def test_end_of_the_body_releases_what_is_held(wire: Wire) -> None:
    """A target that ends its answer while data is held loses none of it, and the body is whole."""
    client, target = await wire.stream()
    wire.relay.arm("hold-data", {"for_s": 30.0})
    await target.send(wire.chunk(b"data: 1\n\n") + b"0\r\n\r\n")

    await client.expect(wire.chunk(b"data: 1\n\n") + b"0\r\n\r\n")


async def test_close_of_a_websocket_is_the_last_frame(wire: Wire) -> None:
    """A close frame does not overtake the messages before it."""
    client, target = await wire.socket()
    wire.relay.arm("hold-data", {"for_s": 30.0})
    news, close = wire.frame("news"), wire.frame("", 8)
    await target.send(news + wire.frame("", 9) + close)

    await client.expect(wire.frame("", 9) + news + close)


async def test_flood_is_left_with_the_target(wire: Wire) -> None:
    """More than may be held is not read: memory is bounded, and all of it comes in the end."""
    client, target = await wire.stream()
    wire.relay.arm("hold-data", {"for_s": 0.5})
    event = b"data: " + b"x" * 65_536 + b"\n\n"
    sending = asyncio.create_task(target.send(wire.chunk(event) * 400 + b"0\r\n\r\n"))

    assert await wire.body(client) == event * 400
    await sending
