"""Streams, read from scripted peers: events, bodies and arrivals."""

from __future__ import annotations

import asyncio

import pytest

from pulsegate.harness.clients.stream import open_stream
from pulsegate.harness.errors import TimedOut
from pulsegate.harness.timing.sse import Comment


async def test_gives_each_event_once_and_in_order(serve, options, masker, sse_head, chunk):
    """Awaited events come once each, in wire order, comments included."""

    async def script(peer):
        await peer.answer(sse_head, chunk(b": hello\n\ndata: one\n\ndata: two\n\n"), b"0\r\n\r\n")

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        first = await stream.next_event(5)
        second = await stream.next_message(5)
        rest = await stream.read_all(5)

    assert Comment("hello") == first.event
    assert second.event.data == "one"
    assert [timed.event.data for timed in rest] == ["two"]
    assert len(stream.events) == 3


async def test_reads_while_nobody_awaits(serve, options, masker, sse_head, chunk):
    """What arrives while nobody awaits is read as it comes: each event has a read and a stamp of its own."""
    spoken = asyncio.Event()

    async def script(peer):
        await peer.answer(sse_head)
        for number in range(3):
            await asyncio.sleep(0.02)  # the pace of the script
            await peer.say(chunk(b"data: %d\n\n" % number))
        await peer.say(b"0\r\n\r\n")
        await peer.until_gone()
        spoken.set()

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        await spoken.wait()

    assert [timed.together for timed in stream.events] == [1, 1, 1]
    assert [timed.read for timed in stream.events] == [0, 1, 2]
    stamps = [timed.arrival.at_ns for timed in stream.events]
    assert sorted(set(stamps)) == stamps


async def test_split_at_every_byte_changes_nothing(serve, options, masker, sse_head, chunk):
    """A head, chunk lines and multi-byte characters split at every byte give the same answer."""
    answer = sse_head + chunk("data: żółć €\n\n".encode()) + b"0\r\n\r\n"

    async def script(peer):
        await peer.answer(*(bytes([byte]) for byte in answer))

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        await stream.read_all(5)

    assert [timed.event.data for timed in stream.events] == ["żółć €"]
    assert stream.ended == "clean"


async def test_a_chunk_may_end_within_a_character(serve, options, masker, sse_head, chunk):
    """A chunk boundary inside a multi-byte character loses nothing, and one read is one read."""
    data = "data: €\n\ndata: x\n\n".encode()

    async def script(peer):
        await peer.answer(sse_head + chunk(data[:7]) + chunk(data[7:]) + b"0\r\n\r\n")

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        await stream.read_all(5)

    assert [timed.event.data for timed in stream.events] == ["€", "x"]
    assert [timed.together for timed in stream.events] == [2, 2]
    assert data == stream.body


async def test_a_body_of_another_type_has_no_events(serve, options, masker):
    """Only text/event-stream is parsed into events; the body is there all the same."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\ndata: x\n\n")

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        assert await stream.read_all(5) == []

    assert stream.body == b"data: x\n\n"


async def test_read_for_returns_what_came_in_time(serve, options, masker, sse_head, chunk):
    """read_for gives the events of the time allowed and leaves the stream open."""

    async def script(peer):
        await peer.answer(sse_head + chunk(b"data: one\n\ndata: two\n\n"))
        await peer.until_gone()

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        await stream.next_message(5)
        later = await stream.read_for(0.01)

        assert stream.ended is None
    assert [timed.event.data for timed in later] == ["two"]


async def test_read_until_keeps_what_it_passed_over(serve, options, masker, sse_head, chunk):
    """read_until returns all events up to the one looked for, and the next call goes on after it."""

    async def script(peer):
        await peer.answer(sse_head + chunk(b"data: 1\n\n: c\n\ndata: 2\n\ndata: 3\n\n"))
        await peer.until_gone()

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        found = await stream.read_until(lambda timed: getattr(timed.event, "data", "") == "2", 5)
        following = await stream.next_event(5)

    assert len(found) == 3
    assert following.event.data == "3"


async def test_silence_times_out_with_a_sentence(serve, options, masker, sse_head):
    """Awaiting an event that does not come names the time and the count so far."""

    async def script(peer):
        await peer.answer(sse_head)
        await peer.until_gone()

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        with pytest.raises(TimedOut, match=r"no further event within 0.01 s \(0 so far\)"):
            await stream.next_event(0.01)
        with pytest.raises(TimedOut, match=r"the awaited event did not come within 0.01 s \(0 others did\)"):
            await stream.next_message(0.01)
        with pytest.raises(TimedOut, match=r"the answer did not end within 0.01 s \(0 bytes so far\)"):
            await stream.read_all(0.01)


async def test_arrivals_are_bounded_by_the_reads_before(serve, options, masker, sse_head, chunk):
    """Each read's bytes arrived between the read before (or the connection) and their stamp."""
    server_may_go_on = asyncio.Event()

    async def script(peer):
        await peer.answer(sse_head, chunk(b"data: 1\n\n"))
        await server_may_go_on.wait()
        await peer.say(chunk(b"data: 2\n\n"), b"0\r\n\r\n")

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        first = await stream.next_message(5)
        server_may_go_on.set()
        second = await stream.next_message(5)

    assert stream.times.started_ns <= stream.times.tcp_ns <= first.arrival.previous_ns
    assert first.arrival.previous_ns <= first.arrival.at_ns <= first.arrival.read_at_ns
    assert first.arrival.previous_ns < second.arrival.previous_ns <= second.arrival.at_ns
    assert stream.kernel_stamps == first.arrival.kernel
    assert second.arrival == stream.reads[second.read].arrival
