"""Cut after event k."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import Wire


async def test_stream_ends_behind_the_event(wire: Wire) -> None:
    """Comments and retry fields do not count; nothing comes behind the second event, not even of the same read."""
    client, target = await wire.stream()
    harm = wire.relay.arm("cut-after", {"events": 2})
    before = b": hello\n\nretry: 10\n\ndata: 1\n\nid: 7\ndata: 2\n\n"
    await target.send(wire.chunk(before + b"data: 3\n\n") + wire.chunk(b"data: 4\n\n"))

    assert await wire.body(client) == before
    assert harm.done == 1


@pytest.mark.parametrize("size", [1, 3, 7])
async def test_reads_may_be_cut_anywhere(wire: Wire, size: int) -> None:
    """However what the target sends is cut into pieces, the same events pass, in valid chunks."""
    client, target = await wire.stream()
    wire.relay.arm("cut-after", {"events": 3})
    sent = b"".join(wire.chunk(b"data: %d\r\n\r\n" % number) for number in range(5))
    for at in range(0, len(sent), size):
        target.writer.write(sent[at : at + size])
        await asyncio.sleep(0)

    assert await wire.body(client) == b"data: 0\r\n\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n"


async def test_armed_within_a_chunk_begins_at_the_next_event(wire: Wire) -> None:
    """The chunk that was under way passes as it is, and its half event is not counted."""
    client, target = await wire.stream()
    await target.send(b"12\r\ndata: a\n\nda")
    await client.expect(b"12\r\ndata: a\n\nda")
    wire.relay.arm("cut-after", {"events": 1})
    await target.send(b"ta: b\n\n\r\n" + wire.chunk(b"data: c\n\n") + wire.chunk(b"data: d\n\n"))

    assert (await client.rest()).startswith(b"ta: b\n\n\r\n" + wire.chunk(b"data: c\n\n"))


async def test_websocket_is_cut_between_messages(wire: Wire) -> None:
    """Pings do not count."""
    client, target = await wire.socket()
    wire.relay.arm("cut-after", {"events": 1})
    await target.send(wire.frame("", 9) + wire.frame("one") + wire.frame("two"))

    assert await client.rest() == wire.frame("", 9) + wire.frame("one")
