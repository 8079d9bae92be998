"""Cut: the end of the connection without the end of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import Wire


async def test_client_gets_what_was_sent_then_the_end(wire: Wire) -> None:
    """What passed before is there, the last chunk is not, and no reset takes anything back."""
    client, target = await wire.stream()
    await target.send(wire.chunk(b"data: 1\n\n"))
    await client.expect(wire.chunk(b"data: 1\n\n"))
    await client.send(b"unread")
    await target.expect(b"unread")

    wire.relay.arm("cut", {})

    assert await client.rest() == b""
    assert await target.rest() == b""
