"""Half-open: the target is gone, and the client does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import Wire


async def test_client_is_not_told(wire: Wire) -> None:
    """The target reads the end at once; the client can go on sending, and reads neither bytes nor an end."""
    client, target = await wire.stream()

    wire.relay.arm("half-open", {})

    assert await target.rest() == b""
    await client.send(b"are you there?")
    other, other_target = await wire.stream()
    await other_target.send(b"others are")
    await other.expect(b"others are")
    assert not client.reader._buffer
    assert not client.reader.at_eof()
    assert len(wire.relay.streams) == 1
