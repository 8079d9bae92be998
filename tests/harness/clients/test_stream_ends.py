"""How a stream ends: by the peer, by us, or by a limit."""

from __future__ import annotations

import asyncio

import pytest

from pulsegate.harness.clients import stream_reader
from pulsegate.harness.clients.request import Request
from pulsegate.harness.clients.stream import open_stream
from pulsegate.harness.errors import LineTooLong, ProtocolViolation, StreamEnded
from pulsegate.harness.timing.sse import Message


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "clean"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "cut"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "clean"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "cut"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", "clean"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc", "eof"),
        (b"HTTP/1.0 200 OK\r\n\r\nabc", "eof"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "clean"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nnonsense\r\n", "broken"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n", "broken"),
    ],
)
async def test_names_how_the_answer_ended(serve, options, masker, answer, ended):
    """The end is named for what it was, and what came before it is kept."""

    async def script(peer):
        await peer.answer(answer)

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        await stream.read_all(5)

    assert ended == stream.ended
    assert stream.body == b"abc"
    assert ended == stream.exchange.ended


async def test_a_reset_is_told_from_an_end(serve, options, masker, sse_head, chunk):
    """A connection that the peer resets within the body ended by "reset"."""
    received = asyncio.Event()

    async def script(peer):
        await peer.answer(sse_head, chunk(b"data: one\n\n"))
        await received.wait()
        peer.reset()

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        await stream.next_message(5)
        received.set()
        with pytest.raises(StreamEnded, match=r"the stream was reset \(Connection reset by peer\)"):
            await stream.next_message(5)

    assert stream.ended == "reset"


@pytest.mark.parametrize(
    ("tail", "sentence"),
    [
        (b"0\r\n\r\n", "the stream ended \\(cleanly\\) while more was awaited"),
        (b"", "the stream was cut: it was closed before its end"),
        (b"zz\r\n", "the answer is not valid HTTP/1.1: illegal chunk header"),
    ],
)
async def test_awaiting_past_the_end_names_the_end(serve, options, masker, sse_head, chunk, *, tail, sentence):
    """After the last event each awaiting call raises a sentence that names how the stream ended."""

    async def script(peer):
        await peer.answer(sse_head + chunk(b"data: one\n\n") + tail)

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        await stream.next_message(5)
        for _ in range(2):
            with pytest.raises((StreamEnded, ProtocolViolation), match=sentence):
                await stream.next_event(5)


async def test_an_unterminated_event_is_no_event(serve, options, masker, sse_head, chunk):
    """The end of the body discards a block without its blank line, and the parser tells so."""

    async def script(peer):
        await peer.answer(sse_head + chunk(b"data: one\n\ndata: two\n") + b"0\r\n\r\n")

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        await stream.read_all(5)

    assert [timed.event.data for timed in stream.events if isinstance(timed.event, Message)] == ["one"]
    assert stream.event_stream is not None
    assert stream.event_stream.parser.unterminated


async def test_head_has_no_body(serve, options, masker):
    """The answer to HEAD ends with its header fields, whatever Content-Length says."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99\r\n\r\n")
        await peer.until_gone()

    server = await serve(script)
    async with await open_stream(Request("HEAD", server.url), options, masker) as stream:
        await stream.read_all(5)

    assert (stream.ended, stream.body) == ("clean", b"")


async def test_a_line_over_the_limit_is_an_error(serve, options, masker, sse_head, chunk):
    """A line without end stops the stream with LineTooLong instead of growing."""

    async def script(peer):
        await peer.answer(sse_head)
        while True:
            await peer.say(chunk(b"a" * 65_536))

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        with pytest.raises(LineTooLong):
            await stream.next_event(10)

    assert stream.ended == "broken"


async def test_a_body_over_the_limit_is_an_error(serve, options, masker, monkeypatch):
    """More than a stream may bring stops it."""
    monkeypatch.setattr(stream_reader, "LARGEST_STREAM", 1_048_576)

    async def script(peer):
        await peer.answer(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await peer.say(b"a" * 65_536)

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        await stream.read_all(10)
        with pytest.raises(ProtocolViolation, match="more than 1 MiB came"):
            await stream.next_event(1)

    assert stream.ended == "broken"


async def test_more_events_than_are_kept_are_an_error(serve, options, masker, sse_head, monkeypatch):
    """Events of two bytes cost many times that, so that their number is bounded too."""
    monkeypatch.setattr(stream_reader, "MOST_EVENTS", 1000)

    async def script(peer):
        await peer.answer(sse_head)
        while True:
            await peer.say(b":\n" * 500)

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
        await stream.read_all(10)

    assert stream.ended == "broken"
    assert len(stream.events) < 40_000


async def test_abort_resets_the_connection(serve, options, masker, sse_head):
    """abort() is a reset, not a close: the peer sees ECONNRESET."""
    seen: asyncio.Future[type[BaseException] | None] = asyncio.get_running_loop().create_future()

    async def script(peer):
        await peer.answer(sse_head)
        try:
            await peer.reader.read()
        except OSError as problem:
            seen.set_result(type(problem))
        else:
            seen.set_result(None)

    server = await serve(script)
    stream = await open_stream(server.get(), options, masker)
    stream.abort()

    assert ConnectionResetError is await seen
    assert stream.exchange.ended == "reset by us"


async def test_closing_wakes_whoever_awaits(serve, options, masker, sse_head):
    """A task that awaits an event while another closes the stream gets StreamEnded."""

    async def script(peer):
        await peer.answer(sse_head)
        await peer.until_gone()

    server = await serve(script)
    stream = await open_stream(server.get(), options, masker)
    waiting = asyncio.create_task(stream.next_event(30))
    await asyncio.sleep(0)
    stream.close()

    with pytest.raises(StreamEnded, match="closed here"):
        await waiting
    assert stream.ended is None
    assert stream.exchange.ended == "closed by us"
