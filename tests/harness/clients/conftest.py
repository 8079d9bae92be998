"""Scripted peers on loopback: each says exactly what a test tells it to say."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.record import Exchange

Script = Callable[["Peer"], Awaitable[None]]


@dataclass
class Peer:
    """The scripted side of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    request: bytes = b""

    async def read_request(self) -> bytes:
        """Read one request head and its body, by Content-Length."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        self.request = head + await self.reader.readexactly(length)
        return self.request

    async def say(self, *pieces: bytes) -> None:
        """Send each piece in a segment of its own."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0)

    async def answer(self, *pieces: bytes) -> None:
        """Read the request, then say the pieces."""
        await self.read_request()
        await self.say(*pieces)

    async def until_gone(self) -> None:
        """Wait until the client has left."""
        with contextlib.suppress(OSError):
            while await self.reader.read(65536):
                pass

    def reset(self) -> None:
        """Reset the connection."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass
class Server:
    """A scripted server; `url` has no path. `requests` holds what its peers were sent."""

    url: str
    port: int
    peers: list[Peer] = field(default_factory=list)

    @property
    def requests(self) -> list[bytes]:
        """The requests read so far."""
        return [peer.request for peer in self.peers if peer.request]

    def get(self, *headers: tuple[str, str]) -> Request:
        """A GET of its path /stream."""
        return Request("GET", f"{self.url}/stream", headers)


ServerFactory = Callable[..., Awaitable[Server]]


@pytest.fixture
async def serve() -> AsyncIterator[ServerFactory]:
    """A factory of scripted servers: `await serve(script)`, with `tls=context` for https."""
    stack = contextlib.AsyncExitStack()

    async def start(script: Script, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Server:
        tasks: set[asyncio.Task[None]] = set()

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            peer = Peer(reader, writer)
            server.peers.append(peer)
            try:
                await script(peer)
            except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

        listener = await asyncio.start_server(handle, host, 0, ssl=tls)
        port = listener.sockets[0].getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        server = Server(f"{'https' if tls else 'http'}://{shown}:{port}", port)

        async def stop() -> None:
            listener.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await listener.wait_closed()

        stack.push_async_callback(stop)
        return server

    async with stack:
        yield start


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that nobody trusts unless told to."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of the authority, as ``--ca-file`` takes it."""
    file = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """The server side of TLS for 127.0.0.1 and localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture
def options() -> ConnectOptions:
    """How the tests connect."""
    return ConnectOptions(connect_timeout_s=5.0)


@pytest.fixture
def masker() -> Masker:
    """A masker that knows one token."""
    return Masker({"the-token-of-alice": "$ALICE_TOKEN"})


@pytest.fixture
def exchanges() -> list[Exchange]:
    """Where tests collect exchanges: pass its `append` as `on_exchange`."""
    return []


@pytest.fixture
def unused_port() -> int:
    """A loopback port on which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


HEAD_SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def sse_head() -> bytes:
    """The head of a chunked event stream."""
    return HEAD_SSE


@pytest.fixture
def chunk() -> Callable[[bytes], bytes]:
    """Wraps bytes into one chunk of the chunked transfer coding."""
    return lambda data: b"%x\r\n%s\r\n" % (len(data), data)
