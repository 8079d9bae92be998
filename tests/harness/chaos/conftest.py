"""A relay between a client and a target that says what the test tells it to; on loopback, in the test's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from pulsegate.harness.chaos.relay import Relay

LIMIT_S = 10.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


@dataclass
class End:
    """One end of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send `data` now."""
        self.writer.write(data)
        await self.writer.drain()

    async def read(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        async with asyncio.timeout(LIMIT_S):
            return await self.reader.readexactly(size)

    async def expect(self, data: bytes) -> None:
        """The next bytes are `data`."""
        assert await self.read(len(data)) == data

    async def rest(self) -> bytes:
        """What comes until the end of the connection; ConnectionResetError when that is a reset."""
        async with asyncio.timeout(LIMIT_S):
            return await self.reader.read()


class Wire:
    """The relay, and connections through it."""

    def __init__(self, relay: Relay, accepted: asyncio.Queue[End]) -> None:
        self.relay = relay
        self._accepted = accepted
        self._ends: list[End] = []

    async def connect(self) -> tuple[End, End]:
        """A client and the target's end of its connection."""
        async with asyncio.timeout(LIMIT_S):
            client = End(*await asyncio.open_connection("127.0.0.1", self.relay.port))
            target = await self._accepted.get()
        self._ends += [client, target]
        return client, target

    async def stream(self, head: bytes = HEAD, asked: bytes = b"Accept: text/event-stream") -> tuple[End, End]:
        """The same, once the client has `asked` for something, and has its `head`."""
        client, target = await self.connect()
        request = b"GET /stream HTTP/1.1\r\nHost: target\r\n" + asked + b"\r\n\r\n"
        await client.send(request)
        await target.expect(request)
        await target.send(head)
        await client.expect(head)
        return client, target

    async def socket(self) -> tuple[End, End]:
        """The same with a WebSocket."""
        return await self.stream(UPGRADED, b"Upgrade: websocket")

    def chunk(self, body: bytes) -> bytes:
        """One chunk of a chunked body."""
        return b"%x\r\n%b\r\n" % (len(body), body)

    def frame(self, text: str, opcode: int = 1) -> bytes:
        """One short WebSocket frame, as servers send it."""
        payload = text.encode()
        return bytes((0x80 | opcode, len(payload))) + payload

    async def body(self, client: End) -> bytes:
        """The body that `client` gets up to the last chunk or a cut, out of its chunks; each of them must be valid."""
        async with asyncio.timeout(LIMIT_S):
            body = b""
            while (line := await client.reader.readline()) not in (b"", b"0\r\n"):
                size = int(line, 16)
                body += await client.reader.readexactly(size)
                assert await client.reader.readexactly(2) == b"\r\n"
            return body

    def close(self) -> None:
        """End all connections."""
        for end in self._ends:
            end.writer.close()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """A relay to a scripted target."""
    accepted: asyncio.Queue[End] = asyncio.Queue()
    server = await asyncio.start_server(lambda *streams: accepted.put_nowait(End(*streams)), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    relay = Relay(host, port)
    await relay.start()
    found = Wire(relay, accepted)
    try:
        yield found
    finally:
        found.close()
        relay.stop()
        server.close()
