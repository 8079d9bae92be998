"""Streams, read from scripted peers."""

from __future__ import annotations

import asyncio
import gc

import pytest

from pulsegate.harness.clients import stream_reader
from pulsegate.harness.clients.limits import RateLimits
from pulsegate.harness.clients.request import Request
from pulsegate.harness.clients.stream import open_stream
from pulsegate.harness.errors import (
    ConnectFailed,
    LineTooLong,
    ProtocolViolation,
    StreamEnded,
    TimedOut,
    UsageError,
)
from pulsegate.harness.timing.sse import Comment, Message


def get(url: str, *headers: tuple[str, str]) -> Request:
    return Request("GET", url + "/stream", headers)


async def test_gives_each_event_once_and_in_order(serve, options, masker, sse_head, chunk):
    """Awaited events come once each, in wire order, comments included."""

    async def script(peer):
        await peer.answer(sse_head, chunk(b": hello\n\ndata: one\n\ndata: two\n\n"), b"0\r\n\r\n")

    server = await serve(script)
    async with await open_stream(get(server.url), options, masker) as stream:
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
    async with await open_stream(get(server.url), options, masker) as stream:
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
    async with await open_stream(get(server.url), options, masker) as stream:
        await stream.read_all(5)

    assert [timed.event.data for timed in stream.events] == ["żółć €"]
    assert stream.ended == "clean"


async def test_a_chunk_may_end_within_a_character(serve, options, masker, sse_head, chunk):
    """A chunk boundary inside a multi-byte character loses nothing, and one read is one read."""
    data = "data: €\n\ndata: x\n\n".encode()

    async def script(peer):
        await peer.answer(sse_head + chunk(data[:7]) + chunk(data[7:]) + b"0\r\n\r\n")

    server = await serve(script)
    async with await open_stream(get(server.url), options, masker) as stream:
        await stream.read_all(5)

    assert [timed.event.data for timed in stream.events] == ["€", "x"]
    assert [timed.together for timed in stream.events] == [2, 2]
    assert data == stream.body


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
    async with await open_stream(get(server.url), options, masker) as stream:
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
    async with await open_stream(get(server.url), options, masker) as stream:
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
    async with await open_stream(get(server.url), options, masker) as stream:
        await stream.next_message(5)
        for _ in range(2):
            with pytest.raises((StreamEnded, ProtocolViolation), match=sentence):
                await stream.next_event(5)


async def test_an_unterminated_event_is_no_event(serve, options, masker, sse_head, chunk):
    """The end of the body discards a block without its blank line, and the parser tells so."""

    async def script(peer):
        await peer.answer(sse_head + chunk(b"data: one\n\ndata: two\n") + b"0\r\n\r\n")

    server = await serve(script)
    async with await open_stream(get(server.url), options, masker) as stream:
        await stream.read_all(5)

    assert [timed.event.data for timed in stream.events if isinstance(timed.event, Message)] == ["one"]
    assert stream.event_stream is not None
    assert stream.event_stream.parser.unterminated


async def test_a_body_of_another_type_has_no_events(serve, options, masker):
    """Only text/event-stream is parsed into events; the body is there all the same."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\ndata: x\n\n")

    server = await serve(script)
    async with await open_stream(get(server.url), options, masker) as stream:
        assert await stream.read_all(5) == []

    assert stream.body == b"data: x\n\n"


async def test_read_for_returns_what_came_in_time(serve, options, masker, sse_head, chunk):
    """read_for gives the events of the time allowed and leaves the stream open."""

    async def script(peer):
        await peer.answer(sse_head + chunk(b"data: one\n\ndata: two\n\n"))
        await peer.until_gone()

    server = await serve(script)
    async with await open_stream(get(server.url), options, masker) as stream:
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
    async with await open_stream(get(server.url), options, masker) as stream:
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
    async with await open_stream(get(server.url), options, masker) as stream:
        with pytest.raises(TimedOut, match=r"no further event within 0.01 s \(0 so far\)"):
            await stream.next_event(0.01)
        with pytest.raises(TimedOut, match=r"the awaited event did not come within 0.01 s \(0 others did\)"):
            await stream.next_message(0.01)
        with pytest.raises(TimedOut, match=r"the answer did not end within 0.01 s \(0 bytes so far\)"):
            await stream.read_all(0.01)


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (b"", StreamEnded, "the connection was closed before an answer came"),
        (b"HTTP/1.1 200 OK\r\nContent-", StreamEnded, "the connection was closed before an answer came"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", ProtocolViolation, "illegal status line: b'SSH-2.0-OpenSSH_9.2'"),
        (b"\x15\x03\x01\x00\x02\x02", ProtocolViolation, "the answer is not valid HTTP/1.1"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", ProtocolViolation, "bad Content-Length"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", ProtocolViolation, "illegal header line: b'no colon'"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", ProtocolViolation, "Transfer-Encoding"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", ProtocolViolation, "not valid HTTP/1.1"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000, ProtocolViolation, "Receive buffer too long"),
    ],
)
async def test_no_answer_is_one_sentence(serve, options, masker, exchanges, *, answer, error, sentence):
    """A peer that sends no HTTP answer ends in one of our errors, and in the evidence."""

    async def script(peer):
        await peer.answer(answer)

    server = await serve(script)
    with pytest.raises(error, match=sentence) as caught:
        await open_stream(get(server.url), options, masker, on_exchange=exchanges.append)

    assert caught.value.__cause__ is None
    assert str(caught.value) == exchanges[0].problem
    assert str(caught.value).startswith(f"GET {server.url}/stream: ")


async def test_an_endless_head_is_bounded(serve, options, masker):
    """A head that never ends is given up after a bounded number of bytes."""

    async def script(peer):
        await peer.read_request()
        await peer.say(b"HTTP/1.1 200 OK\r\n")
        while True:
            await peer.say(b"X-More: " + b"a" * 10_000 + b"\r\n")

    server = await serve(script)
    with pytest.raises(ProtocolViolation, match="Receive buffer too long"):
        await open_stream(get(server.url), options, masker)


async def test_a_silent_peer_times_out(serve, options, masker, exchanges):
    """A peer that accepts and says nothing ends in TimedOut after the time allowed."""

    async def script(peer):
        await peer.until_gone()

    server = await serve(script)
    with pytest.raises(TimedOut, match=r"no answer within 0.05 s"):
        await open_stream(get(server.url), options, masker, timeout_s=0.05, on_exchange=exchanges.append)

    assert "no answer within" in exchanges[0].problem


async def test_an_answer_before_the_request_is_an_answer(serve, options, masker):
    """A peer that answers before it reads, and leaves, is still heard."""

    async def script(peer):
        await peer.say(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy")
        await peer.read_request()

    server = await serve(script)
    async with await open_stream(get(server.url), options, masker) as stream:
        await stream.read_all(5)

    assert (stream.status, stream.body) == (503, b"busy")


async def test_a_large_upload_hears_an_early_refusal(serve, options, masker):
    """A 413 sent while the body is still on its way out is the answer."""

    async def script(peer):
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await peer.until_gone()

    server = await serve(script)
    request = Request("POST", server.url + "/", (), b"x" * 8_000_000)
    async with await open_stream(request, options, masker) as stream:
        assert stream.status == 413


async def test_a_redirect_is_shown_not_followed(serve, options, masker):
    """A redirect is the answer, with its Location."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")

    server = await serve(script)
    async with await open_stream(get(server.url), options, masker) as stream:
        pass

    assert (stream.status, stream.headers.get("location")) == (302, "/elsewhere")
    assert len(server.requests) == 1


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
    async with await open_stream(get(server.url), options, masker) as stream:
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
    async with await open_stream(get(server.url), options, masker) as stream:
        await stream.read_all(10)
        with pytest.raises(ProtocolViolation, match="more than 1 MiB came"):
            await stream.next_event(1)

    assert stream.ended == "broken"


async def test_arrivals_are_bounded_by_the_reads_before(serve, options, masker, sse_head, chunk):
    """Each read's bytes arrived between the read before (or the connection) and their stamp."""
    server_may_go_on = asyncio.Event()

    async def script(peer):
        await peer.answer(sse_head, chunk(b"data: 1\n\n"))
        await server_may_go_on.wait()
        await peer.say(chunk(b"data: 2\n\n"), b"0\r\n\r\n")

    server = await serve(script)
    async with await open_stream(get(server.url), options, masker) as stream:
        first = await stream.next_message(5)
        server_may_go_on.set()
        second = await stream.next_message(5)

    assert stream.times.started_ns <= stream.times.tcp_ns <= first.arrival.previous_ns
    assert first.arrival.previous_ns <= first.arrival.at_ns <= first.arrival.read_at_ns
    assert first.arrival.read_at_ns <= second.arrival.previous_ns <= second.arrival.at_ns
    assert stream.kernel_stamps == first.arrival.kernel
    assert second.arrival == stream.reads[second.read].arrival


async def test_429_is_tried_again_after_its_pause(serve, options, masker, exchanges):
    """A 429 is waited out as Retry-After says, and each attempt is evidence."""
    answers = [
        b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ]
    now, slept = [100.0], []

    async def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    async def script(peer):
        await peer.answer(answers.pop(0))

    server = await serve(script)
    limits = RateLimits(sleep=sleep, clock=lambda: now[0])
    async with await open_stream(
        get(server.url), options, masker, limits=limits, on_exchange=exchanges.append
    ) as stream:
        assert stream.status == 200

    assert slept == [7.0]
    assert [exchange.status for exchange in exchanges] == [429, 200]


async def test_429_is_the_answer_when_limits_are_not_obeyed(serve, options, masker):
    """With obey_limits off, a 429 is an answer like any other."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")

    server = await serve(script)
    async with await open_stream(get(server.url), options, masker, obey_limits=False) as stream:
        assert (stream.status, stream.headers.get("Retry-After")) == (429, "7")


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
    stream = await open_stream(get(server.url), options, masker)
    stream.abort()

    assert ConnectionResetError is await seen
    assert stream.exchange.ended == "reset by us"


async def test_closing_wakes_whoever_awaits(serve, options, masker, sse_head):
    """A task that awaits an event while another closes the stream gets StreamEnded."""

    async def script(peer):
        await peer.answer(sse_head)
        await peer.until_gone()

    server = await serve(script)
    stream = await open_stream(get(server.url), options, masker)
    waiting = asyncio.create_task(stream.next_event(30))
    await asyncio.sleep(0)
    stream.close()

    with pytest.raises(StreamEnded, match="closed here"):
        await waiting
    assert stream.ended is None
    assert stream.exchange.ended == "closed by us"


async def test_cancelled_opening_leaves_nothing_open(serve, options, masker, exchanges):
    """Cancelling while the answer is awaited closes the socket and keeps the evidence."""
    asked, gone = asyncio.Event(), asyncio.Event()

    async def script(peer):
        await peer.read_request()
        asked.set()
        await peer.until_gone()
        gone.set()

    server = await serve(script)
    opening = asyncio.create_task(open_stream(get(server.url), options, masker, on_exchange=exchanges.append))
    await asked.wait()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await gone.wait()
    del opening
    gc.collect()

    assert [exchange.problem for exchange in exchanges] == ["CancelledError"]


async def test_nobody_listening_is_one_sentence(options, masker, unused_port):
    """A port where nothing listens is named in one sentence."""
    with pytest.raises(ConnectFailed, match=f"^http://127.0.0.1:{unused_port} refused the connection"):
        await open_stream(get(f"http://127.0.0.1:{unused_port}"), options, masker)


async def test_a_request_that_cannot_be_sent_is_wrong_use(serve, options, masker):
    """A header value with a line end is refused before anything is sent, without the secret in it."""

    async def script(peer):
        await peer.until_gone()

    server = await serve(script)
    with pytest.raises(UsageError, match="cannot be sent") as caught:
        await open_stream(get(server.url, ("X", "the-token-of-alice\r\nY: 1")), options, masker)

    assert "$ALICE_TOKEN" in str(caught.value)
    assert "the-token-of-alice" not in str(caught.value)


async def test_what_is_sent(serve, options, masker):
    """The request has Host, the caller's fields in order, and Content-Length; nothing asks for compression."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = await serve(script)
    request = Request("POST", server.url + "/a b?q=ü", (("X-One", "1"), ("X-One", "ü")), b"{}")
    async with await open_stream(request, options, masker):
        pass

    lines = server.requests[0].decode().split("\r\n")
    assert lines[0] == "POST /a%20b?q=%C3%BC HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}" == lines[1]
    assert lines[2:4] == ["X-One: 1", "X-One: ü"]
    assert "Content-Length: 2" in lines
    assert "accept-encoding" not in server.requests[0].decode().lower()
