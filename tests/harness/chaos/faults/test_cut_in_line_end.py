"""Cut between CR and LF."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import Wire


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
async def test_last_byte_is_the_cr_of_the_blank_line(wire: Wire, end: bytes) -> None:
    """Whatever ends the target's lines, the event ends with CR LF CR."""
    client, target = await wire.stream()
    wire.relay.arm("cut-in-line-end", {})
    await target.send(wire.chunk(b"data: x" + end + end))
    await target.send(wire.chunk(b": next" + end + end))

    assert await wire.body(client) == b"data: x\r\n\r"


async def test_websocket_is_left_alone(wire: Wire) -> None:
    """A WebSocket has no lines: its messages pass, and nothing is counted as done."""
    client, target = await wire.socket()
    harm = wire.relay.arm("cut-in-line-end", {})
    await target.send(wire.frame("one") + wire.frame("two"))

    await client.expect(wire.frame("one") + wire.frame("two"))
    assert (harm.chosen, harm.done) == (1, 0)
