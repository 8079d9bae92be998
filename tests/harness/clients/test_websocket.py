"""WebSocket conversations with the websockets server, and with scripted peers that misbehave."""

from __future__ import annotations

import asyncio
import base64
import hashlib

import pytest
import websockets

from pulsegate.harness.clients.limits import RateLimits
from pulsegate.harness.clients.request import Request
from pulsegate.harness.clients.websocket import open_websocket
from pulsegate.harness.errors import ProtocolViolation, StreamEnded, TimedOut, UsageError


def ws(url: str, *headers: tuple[str, str]) -> Request:
    return Request("GET", url + "/ws", headers)


@pytest.fixture
async def talk():
    """A factory of real WebSocket servers: `await talk(handler)` gives the http:// URL."""
    servers = []

    async def start(handler, **settings):
        server = await websockets.serve(handler, "127.0.0.1", 0, **settings)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def upgrade(peer, *frames: bytes, headers: bytes = b"") -> None:
    """Answer a scripted peer's upgrade request correctly, then say `frames`."""
    request = await peer.read_request()
    key = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")).split()[1]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    await peer.say(head + headers + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + b"".join(frames))


async def test_messages_come_back(talk, options, masker):
    """Text, JSON and binary messages go out and come in, each once and in order."""
    url = await talk(echo)
    async with await open_websocket(ws(url), options, masker) as websocket:
        await websocket.send_json({"a": "ü€", "b": None})
        await websocket.send_text("two")
        await websocket.send_bytes(b"\xff\x00")
        received = [await websocket.receive(5) for _ in range(3)]

    assert websocket.status == 101
    assert received[0].json() == {"a": "ü€", "b": None}
    assert [message.text for message in received[1:]] == ["two", b"\xff\x00"]
    assert received == websocket.messages


async def test_a_clean_close_gives_the_peers_code(talk, options, masker, exchanges):
    """close() waits for the peer's close frame and returns its code."""
    url = await talk(echo)
    websocket = await open_websocket(ws(url), options, masker, on_exchange=exchanges.append)

    assert await websocket.close() == 1000
    assert websocket.close_code == 1000
    assert [exchange.ended for exchange in exchanges] == ["1000"]


async def test_a_peers_close_is_told_with_code_and_reason(talk, options, masker):
    """Awaiting, and sending, after the peer closed raises a sentence with its code and reason."""

    async def leave(connection):
        await connection.close(4401, "bad token")

    url = await talk(leave)
    async with await open_websocket(ws(url), options, masker) as websocket:
        assert await websocket.wait_closed(5) == 4401
        with pytest.raises(StreamEnded, match=r"closed the WebSocket with code 4401 \(bad token\)"):
            await websocket.receive(5)
        with pytest.raises(StreamEnded, match="code 4401"):
            await websocket.send_text("too late")

    assert (websocket.close_code, websocket.close_reason) == (4401, "bad token")


async def test_ping_measures_the_round_trip(talk, options, masker):
    """ping() returns the seconds until the pong arrived."""
    url = await talk(echo)
    async with await open_websocket(ws(url), options, masker) as websocket:
        assert 0 <= await websocket.ping(5) < 5


async def test_a_peers_ping_is_answered_while_nobody_awaits(talk, options, masker):
    """A ping of the peer is ponged by the reader itself."""
    ponged = asyncio.Event()

    async def pinger(connection):
        await (await connection.ping())
        ponged.set()
        await connection.wait_closed()

    url = await talk(pinger)
    async with await open_websocket(ws(url), options, masker):
        await asyncio.wait_for(ponged.wait(), 5)


async def test_large_messages_come_whole(talk, options, masker):
    """A message of several megabytes goes out and comes back whole."""
    url = await talk(echo, max_size=None)
    text = "é" * 2_000_000
    async with await open_websocket(ws(url), options, masker) as websocket:
        await websocket.send_text(text)
        assert text == (await websocket.receive(20)).text


async def test_an_oversized_frame_gets_the_peers_1009(talk, options, masker):
    """A frame over the peer's limit is sent all the same, and its close code is heard."""
    url = await talk(echo, max_size=1000)
    async with await open_websocket(ws(url), options, masker) as websocket:
        await websocket.send_text("x" * 1001)
        assert await websocket.wait_closed(5) == 1009


async def test_raw_bytes_go_out_as_they_are(talk, options, masker):
    """send_raw breaks the protocol on purpose: an unmasked frame gets 1002."""
    url = await talk(echo)
    async with await open_websocket(ws(url), options, masker) as websocket:
        await websocket.send_raw(b"\x81\x02hi")
        assert await websocket.wait_closed(5) == 1002


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nnope", 401, b"nope"),
        (b"HTTP/1.0 403 Forbidden\r\n\r\nnope", 403, b"nope"),
        (b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnope\r\n0\r\n\r\n", 404, b"nope"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 426 Upgrade\r\nContent-Length: 4\r\n\r\nnope", 426, b"nope"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnope", 200, b"nope"),
    ],
)
async def test_a_refused_upgrade_is_an_answer(serve, options, masker, *, answer, status, body):
    """An answer that is no upgrade is told with its status, header fields and body."""

    async def script(peer):
        await peer.answer(answer)

    server = await serve(script)
    async with await open_websocket(ws(server.url), options, masker) as websocket:
        assert websocket.refused is not None
        assert (status, body) == (websocket.status, websocket.refused.body)
        with pytest.raises(StreamEnded, match=f"refused with status {status}"):
            await websocket.send_text("hello")

    assert websocket.exchange.ended == "refused"


async def test_an_endless_refusal_is_told_in_time(serve, options, masker):
    """A stream in answer to an upgrade is a refusal, with what came of its body."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        await peer.until_gone()

    server = await serve(script)
    async with await open_websocket(ws(server.url), options, masker, timeout_s=0.1) as websocket:
        assert websocket.refused is not None
        assert (websocket.status, websocket.refused.body) == (200, b"data: 1\n\n")


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (b"", StreamEnded, "closed before an answer came"),
        (b"\x81\x05hello\r\n\r\n", ProtocolViolation, "illegal"),
        (
            (
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: bm9uc2Vuc2U=\r\n\r\n"
            ),
            ProtocolViolation,
            "the upgrade's answer is not valid: invalid Sec-WebSocket-Accept header",
        ),
    ],
)
async def test_no_upgrade_and_no_http_is_one_sentence(serve, options, masker, exchanges, *, answer, error, sentence):
    """An answer that is neither raises one of our errors, and is evidence."""

    async def script(peer):
        await peer.answer(answer)

    server = await serve(script)
    with pytest.raises(error, match=sentence):
        await open_websocket(ws(server.url), options, masker, on_exchange=exchanges.append)

    assert len(exchanges) == 1


async def test_a_silent_peer_times_out(serve, options, masker):
    """A peer that never answers the upgrade ends in TimedOut."""

    async def script(peer):
        await peer.until_gone()

    server = await serve(script)
    with pytest.raises(TimedOut, match=r"no answer to the upgrade within 0.05 s"):
        await open_websocket(ws(server.url), options, masker, timeout_s=0.05)


@pytest.mark.parametrize(
    ("frames", "problem"),
    [
        (b"\x81\x02\xc3\x28", "a text message is not UTF-8"),
        (b"\xff\x00", "the peer broke the WebSocket protocol"),
        (b"\x88\x01\x00", "the peer broke the WebSocket protocol"),
        (b"\x80\x01a", "unexpected continuation frame"),
        (b"\x82\x7f\x00\x00\x00\x00\x7f\x00\x00\x00", "over size limit|too big|exceeds"),
        (b"", "the connection ended without a close frame"),
    ],
)
async def test_a_misbehaving_peer_is_told(serve, options, masker, frames, problem):
    """Broken frames and missing close frames become a problem, and StreamEnded for who awaits."""

    async def script(peer):
        await upgrade(peer, frames)

    server = await serve(script)
    async with await open_websocket(ws(server.url), options, masker) as websocket:
        with pytest.raises(StreamEnded, match=problem):
            await websocket.receive(5)

    assert websocket.closed
    assert websocket.close_code is None


async def test_frames_in_the_read_of_the_upgrade_are_not_lost(serve, options, masker):
    """A message that comes with the last bytes of the head is received."""

    async def script(peer):
        await upgrade(peer, b"\x81\x05hello", b"\x01\x03fra", b"\x89\x00", b"\x80\x05gment")
        await peer.until_gone()

    server = await serve(script)
    async with await open_websocket(ws(server.url), options, masker) as websocket:
        assert [(await websocket.receive(5)).text for _ in range(2)] == ["hello", "fragment"]


async def test_a_peer_that_never_closes_does_not_hold_us(serve, options, masker):
    """close() gives up after its time and returns no code."""

    async def script(peer):
        await upgrade(peer)
        await peer.until_gone()

    server = await serve(script)
    websocket = await open_websocket(ws(server.url), options, masker)

    assert await websocket.close(timeout_s=0.05) is None
    assert websocket.exchange.ended == "closed by us"


async def test_a_reset_is_told(serve, options, masker):
    """A reset connection ends the WebSocket without a code."""

    async def script(peer):
        await upgrade(peer)
        peer.reset()

    server = await serve(script)
    async with await open_websocket(ws(server.url), options, masker) as websocket:
        with pytest.raises(StreamEnded, match="the connection was reset"):
            await websocket.receive(5)


async def test_drain_and_receive_until(talk, options, masker):
    """receive_until stops at what was looked for; drain takes the rest that comes in time."""
    url = await talk(echo)
    async with await open_websocket(ws(url), options, masker) as websocket:
        for number in range(4):
            await websocket.send_json({"n": number})
        found = await websocket.receive_until(lambda message: message.json()["n"] == 1, 5)
        await websocket.ping(5)
        rest = await websocket.drain(0.01)

    assert [message.json()["n"] for message in found] == [0, 1]
    assert [message.json()["n"] for message in rest] == [2, 3]


async def test_silence_times_out_with_a_sentence(talk, options, masker):
    """Awaiting a message that does not come names the time."""
    url = await talk(echo)
    async with await open_websocket(ws(url), options, masker) as websocket:
        with pytest.raises(TimedOut, match=r"no further message within 0.01 s \(0 so far\)"):
            await websocket.receive(0.01)
        with pytest.raises(TimedOut, match=r"the awaited message did not come within 0.01 s"):
            await websocket.receive_until(lambda _: True, 0.01)


async def test_a_message_that_is_no_json_is_shown(talk, options, masker):
    """json() of a message that is none shows how it begins, without secrets."""
    url = await talk(echo)
    async with await open_websocket(ws(url), options, masker) as websocket:
        await websocket.send_text("hi the-token-of-alice")
        message = await websocket.receive(5)
        with pytest.raises(ProtocolViolation, match=r"is not JSON: hi \$ALICE_TOKEN"):
            message.json()


async def test_header_fields_and_subprotocol_are_sent(talk, options, masker):
    """The caller's fields are part of the upgrade request, and a subprotocol may be chosen."""
    seen = {}

    async def look(connection):
        seen.update(connection.request.headers.raw_items())
        await connection.wait_closed()

    url = await talk(look, subprotocols=["chat"])
    request = ws(url, ("Origin", "http://a.example"), ("Cookie", "auth_token=x"), ("Sec-WebSocket-Protocol", "chat"))
    async with await open_websocket(request, options, masker) as websocket:
        assert websocket.headers.get("Sec-WebSocket-Protocol") == "chat"

    assert (seen["Origin"], seen["Cookie"]) == ("http://a.example", "auth_token=x")


async def test_a_code_that_may_not_be_sent_is_wrong_use(talk, options, masker):
    """Closing with a reserved code is refused here, and the connection is closed all the same."""
    url = await talk(echo)
    websocket = await open_websocket(ws(url), options, masker)
    with pytest.raises(UsageError, match="close code 1005 cannot be sent"):
        await websocket.close(1005)

    assert websocket.exchange.ended == "closed by us"


async def test_429_is_tried_again(serve, options, masker, exchanges):
    """An upgrade refused with 429 is tried again after its pause."""
    slept = []

    async def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    async def script(peer):
        if len(server.peers) == 1:
            await peer.answer(b"HTTP/1.1 429 Slow\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n")
        else:
            await upgrade(peer)
            await peer.until_gone()

    now = [0.0]
    server = await serve(script)
    limits = RateLimits(sleep=sleep, clock=lambda: now[0])
    websocket = await open_websocket(ws(server.url), options, masker, limits=limits, on_exchange=exchanges.append)
    websocket.abort()

    assert slept == [3.0]
    assert [exchange.status for exchange in exchanges] == [429, 101]


async def test_cancelled_opening_leaves_nothing_open(serve, options, masker):
    """Cancelling while the upgrade is awaited closes the socket."""
    asked, gone = asyncio.Event(), asyncio.Event()

    async def script(peer):
        await peer.read_request()
        asked.set()
        await peer.until_gone()
        gone.set()

    server = await serve(script)
    opening = asyncio.create_task(open_websocket(ws(server.url), options, masker))
    await asked.wait()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await asyncio.wait_for(gone.wait(), 5)
