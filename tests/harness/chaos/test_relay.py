"""What the relay passes on, and what it knows of it."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.chaos.conftest import End, Wire

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


async def test_bytes_pass_untouched(wire: Wire) -> None:
    """Whatever both sides say reaches the other, byte for byte."""
    client, target = await wire.connect()
    asked, said = b"\x00GET\xff\r\n" * 1000, b"not HTTP at all \xfe" * 50_000

    async def ask() -> None:
        await client.send(asked)
        await target.expect(asked)

    async def say() -> None:
        await target.send(said)

    _, _, got = await asyncio.gather(ask(), say(), client.read(len(said)))

    assert got == said


async def test_end_of_the_target_reaches_the_client(wire: Wire) -> None:
    """The client reads what was sent, then the end; the target hears when the client closes."""
    client, target = await wire.stream()
    await target.send(b"5\r\nhello\r\n")
    target.writer.close()

    assert await client.rest() == b"5\r\nhello\r\n"


async def test_leaving_client_is_told_to_the_target(wire: Wire) -> None:
    """The target reads the end of a connection that its client closed."""
    client, target = await wire.stream()
    client.writer.close()

    assert await target.rest() == b""


async def test_reset_of_the_target_is_a_reset_for_the_client(wire: Wire) -> None:
    """A target that resets is not told apart from one that the client met directly."""
    client, target = await wire.stream()
    raw = target.writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    target.writer.transport.abort()

    with pytest.raises(ConnectionResetError):
        await client.rest()


async def test_target_that_refuses_resets_the_client(wire: Wire) -> None:
    """Where nobody listens any more, the client's connection ends before an answer, and nothing is left of it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    wire.relay._address = ("127.0.0.1", port)
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.relay.port)
        with pytest.raises(ConnectionResetError):
            await reader.read()
    writer.close()

    assert wire.relay.streams == []
    assert len(wire.relay.arrivals.attempts) == 1
    assert wire.relay.arrivals.answers == []


async def test_streams_are_told_from_other_answers(wire: Wire) -> None:
    """Event streams and WebSockets are noted when they are asked for and when they are granted; the rest is neither."""
    await wire.stream()
    await wire.socket()
    await wire.stream(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 50\r\n\r\n")
    await wire.stream(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n", b"A: b")

    assert len(wire.relay.streams) == 2
    assert len(wire.relay.arrivals.attempts) == 3
    assert len(wire.relay.arrivals.answers) == 2


async def test_slow_client_holds_up_its_target_only(wire: Wire) -> None:
    """What a client does not read waits in its own connection, in bounded memory, and arrives whole."""
    client, target = await wire.stream()
    other, other_target = await wire.stream()
    data = b"x" * 8_000_000
    sending = asyncio.create_task(target.send(data))
    await other_target.send(b"2\r\nhi\r\n")

    await other.expect(b"2\r\nhi\r\n")
    assert not sending.done()
    assert await client.read(len(data)) == data
    await sending


async def test_half_of_the_streams_is_chosen(wire: Wire) -> None:
    """A share is of the streams there are, rounded up; the others live on."""
    ends = [await wire.stream() for _ in range(5)]

    harm = wire.relay.arm("cut", {}, 0.5)

    assert (harm.live, harm.chosen, harm.done) == (5, 3, 3)
    assert len(wire.relay.streams) == 2
    for _client, target in ends:
        await target.send(b"0\r\n\r\n")
        target.writer.close()
    got = [await client.rest() for client, _ in ends]
    assert sorted(got) == [b"", b"", b"", b"0\r\n\r\n", b"0\r\n\r\n"]


async def ask(wire: Wire, path: str) -> tuple[End, End]:
    """A stream of this path, once it is granted."""
    client, target = await wire.connect()
    request = f"GET {path} HTTP/1.1\r\nHost: target\r\nAccept: text/event-stream\r\n\r\n".encode()
    await client.send(request)
    await target.expect(request)
    await target.send(HEAD)
    await client.expect(HEAD)
    return client, target


async def test_next_run_of_a_client_that_left_is_no_attempt(wire: Wire) -> None:
    """Who ends a stream and asks for a new one does not come back; who asks for the same one again does."""
    client, target = await ask(wire, "/runs?session=1")
    client.writer.close()
    assert await target.rest() == b""

    await ask(wire, "/runs?session=2")
    assert (len(wire.relay.arrivals.attempts), len(wire.relay.arrivals.answers)) == (1, 1)

    wire.relay.arm("cut", {})
    await ask(wire, "/runs?session=2")
    assert (len(wire.relay.arrivals.attempts), len(wire.relay.arrivals.answers)) == (2, 2)


async def test_client_that_left_with_a_reset_has_left_too(wire: Wire) -> None:
    """So ends a stream that is closed before all was read."""
    client, target = await ask(wire, "/runs?session=1")
    client.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.writer.transport.abort()
    with pytest.raises(ConnectionResetError):
        await target.rest()

    await ask(wire, "/runs?session=2")

    assert len(wire.relay.arrivals.attempts) == 1


async def test_first_stream_of_another_client_is_an_attempt(wire: Wire) -> None:
    """As long as nobody has left a stream, each new one is opened by a client that had none."""
    await ask(wire, "/runs?session=1")
    await ask(wire, "/runs?session=2")

    assert len(wire.relay.arrivals.attempts) == 2


async def test_stream_that_the_target_ended_was_not_left(wire: Wire) -> None:
    """A client that closes because the target has ended is one that lost its stream."""
    client, target = await ask(wire, "/runs?session=1")
    await target.send(b"0\r\n\r\n")
    target.writer.close()
    await client.rest()
    client.writer.close()
    await client.writer.wait_closed()

    await ask(wire, "/runs?session=2")

    assert len(wire.relay.arrivals.attempts) == 2
