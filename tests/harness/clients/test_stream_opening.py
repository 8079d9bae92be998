"""Asking for a stream: what is sent, and what comes instead of one."""

from __future__ import annotations

import asyncio
import gc

import pytest

from pulsegate.harness.clients.limits import RateLimits
from pulsegate.harness.clients.request import Request
from pulsegate.harness.clients.stream import open_stream
from pulsegate.harness.errors import ConnectFailed, ProtocolViolation, StreamEnded, TimedOut, UsageError


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
        await open_stream(server.get(), options, masker, on_exchange=exchanges.append)

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
        await open_stream(server.get(), options, masker)


async def test_a_silent_peer_times_out(serve, options, masker, exchanges):
    """A peer that accepts and says nothing ends in TimedOut after the time allowed."""

    async def script(peer):
        await peer.until_gone()

    server = await serve(script)
    with pytest.raises(TimedOut, match=r"no answer within 0.05 s"):
        await open_stream(server.get(), options, masker, timeout_s=0.05, on_exchange=exchanges.append)

    assert "no answer within" in exchanges[0].problem


async def test_an_answer_before_the_request_is_an_answer(serve, options, masker):
    """A peer that answers before it reads, and leaves, is still heard."""

    async def script(peer):
        await peer.say(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy")
        await peer.read_request()

    server = await serve(script)
    async with await open_stream(server.get(), options, masker) as stream:
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
    async with await open_stream(server.get(), options, masker) as stream:
        pass

    assert (stream.status, stream.headers.get("location")) == (302, "/elsewhere")
    assert len(server.requests) == 1


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
    async with await open_stream(server.get(), options, masker, limits=limits, on_exchange=exchanges.append) as stream:
        assert stream.status == 200

    assert slept == [7.0]
    assert [exchange.status for exchange in exchanges] == [429, 200]


async def test_429_is_the_answer_when_limits_are_not_obeyed(serve, options, masker):
    """With obey_limits off, a 429 is an answer like any other."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")

    server = await serve(script)
    async with await open_stream(server.get(), options, masker, obey_limits=False) as stream:
        assert (stream.status, stream.headers.get("Retry-After")) == (429, "7")


async def test_cancelled_opening_leaves_nothing_open(serve, options, masker, exchanges):
    """Cancelling while the answer is awaited closes the socket and keeps the evidence."""
    asked, gone = asyncio.Event(), asyncio.Event()

    async def script(peer):
        await peer.read_request()
        asked.set()
        await peer.until_gone()
        gone.set()

    server = await serve(script)
    opening = asyncio.create_task(open_stream(server.get(), options, masker, on_exchange=exchanges.append))
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
        await open_stream(Request("GET", f"http://127.0.0.1:{unused_port}"), options, masker)


async def test_a_request_that_cannot_be_sent_is_wrong_use(serve, options, masker):
    """A header value with a line end is refused before anything is sent, without the secret in it."""

    async def script(peer):
        await peer.until_gone()

    server = await serve(script)
    with pytest.raises(UsageError, match="cannot be sent") as caught:
        await open_stream(server.get(("X", "the-token-of-alice\r\nY: 1")), options, masker)

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
