"""Repeat an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import Wire


async def test_next_event_comes_twice(wire: Wire) -> None:
    """The first event that is no heartbeat is repeated with its id; from then on bytes pass as they are."""
    client, target = await wire.stream()
    harm = wire.relay.arm("repeat-id", {})
    beat, first, second = b"event: heartbeat\ndata: {}\n\n", b"id: 7\ndata: a\n\n", b"id: 8\ndata: b\n\n"
    for event in (beat, first, second):
        await target.send(wire.chunk(event))
    await target.send(b"0\r\n\r\n")

    assert await wire.body(client) == beat + first + first + second
    assert harm.done == 1


async def test_message_of_a_websocket_comes_twice(wire: Wire) -> None:
    """A whole frame is repeated, and no heartbeat."""
    client, target = await wire.socket()
    wire.relay.arm("repeat-id", {})
    beat, news = wire.frame('{"type":"heartbeat"}'), wire.frame('{"type":"news","id":"1"}')
    await target.send(beat + news + beat)

    await client.expect(beat + news + news + beat)
