"""A loopback server that answers each case with its body, and then ends it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
LONGEST_PIECES = 6_000


class GridServer:
    """Serves each body at its path once; the next request for it gets 204, so that no client reconnects for ever.

    ``/asked`` and ``/`` are for browsers: the list of streams and a page that reads them; what the page
    sends to ``/seen`` resolves `seen`.
    """

    def __init__(self, bodies: Mapping[str, bytes], page: bytes = b"") -> None:
        self._bodies = dict(bodies)
        self._page = page
        self._served: set[str] = set()
        self._server: asyncio.Server | None = None
        self.asked: list[dict[str, object]] = []
        self.seen: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0, limit=1 << 22)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def url(self) -> str:
        """The server's address."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(30):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                await self._respond(head, reader, writer)
        except (OSError, EOFError, TimeoutError, asyncio.IncompleteReadError):
            pass  # the client left: its own affair
        finally:
            writer.close()

    async def _respond(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = urlsplit(head.split(" ", 2)[1]).path
        if path in self._bodies and path not in self._served:
            self._served.add(path)
            await _send_stream(writer, self._bodies[path], in_pieces=path.endswith("/pieces"))
        elif path == "/":
            await _send(writer, "text/html", self._page)
        elif path == "/asked":
            await _send(writer, "application/json", json.dumps(self.asked).encode())
        elif path == "/seen":
            self.seen.set_result((await reader.readexactly(_length(head))).decode())
            await _send(writer, "text/plain", b"")
        else:
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            await writer.drain()


def _length(head: str) -> int:
    lines = (line.partition(":") for line in head.split("\r\n"))
    return next(int(value) for name, _, value in lines if name.lower() == "content-length")


async def _send(writer: asyncio.StreamWriter, kind: str, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def _send_stream(writer: asyncio.StreamWriter, body: bytes, *, in_pieces: bool) -> None:
    size = 1 if in_pieces and len(body) <= LONGEST_PIECES else max(1, len(body))
    chunks = (body[start : start + size] for start in range(0, len(body), size))
    writer.write(HEAD + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n")
    await writer.drain()
