"""Cut inside a field."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import Wire


async def test_client_is_left_with_half_an_event(wire: Wire) -> None:
    """The beginning of the event's data comes in a valid chunk, and no more."""
    client, target = await wire.stream()
    wire.relay.arm("cut-in-field", {})
    await target.send(wire.chunk(b": beat\n\nid: 1\ndata: abcdefgh\n\n"))

    assert await wire.body(client) == b": beat\n\nid: 1\ndata: abcd"


async def test_websocket_is_cut_inside_a_frame(wire: Wire) -> None:
    """The frame announces more than comes."""
    client, target = await wire.socket()
    wire.relay.arm("cut-in-field", {})
    await target.send(wire.frame("abcdefgh"))

    assert await client.rest() == wire.frame("abcdefgh")[:-4]
