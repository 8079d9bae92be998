"""Stall: nothing passes, and nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import Wire


async def test_stalled_stream_is_silent_and_loses_nothing(wire: Wire) -> None:
    """While it lasts nothing comes on the stalled stream; then everything does, in both directions."""
    client, target = await wire.stream()
    harm = wire.relay.arm("stall", {"for_s": 0.3})
    await target.send(b"down")
    await client.send(b"up")
    other, other_target = await wire.stream()
    await other_target.send(b"not stalled")
    await other.expect(b"not stalled")

    assert not client.reader._buffer
    await client.expect(b"down")
    await target.expect(b"up")
    assert (harm.live, harm.done) == (1, 1)
