"""A server behind the proxy whose every byte is known: streams of any pace, endings of any kind, departures seen.

What nginx does with an idle, cut or crowded stream does not depend on who sends it; here it is not
the target's business, so that observations are short and the same each time.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

#: The header that carries a script through the proxy.
HEADER = "X-Pulsegate-Script"
#: Bytes of the long stream, and of the comments that it is made of.
FLOOD = 4 * 1024 * 1024
_COMMENT = b": " + b"x" * 16_000 + b"\n\n"
_HEAD_LIMIT = 65_536


@dataclass(frozen=True, slots=True)
class Script:
    """What one answer is to be: an event at once, then one every `gap_s`, `count` in all (0: without end).

    After its events it ends, or with `then` "silence" says nothing more, or with "crash" breaks off. "flood" is
    FLOOD bytes of comments at once instead.
    """

    gap_s: float = 0.05
    count: int = 0
    then: str = "end"
    key: str = ""
    #: Whether it says ``X-Accel-Buffering: no``, as it should.
    unbuffered: bool = True

    def headers(self) -> dict[str, str]:
        """The request headers that ask for it."""
        return {HEADER: json.dumps([self.gap_s, self.count, self.then, self.key, self.unbuffered])}

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> Script:
        """The script that a request asks for; a proxy that drops headers gets the usual one."""
        with suppress(ValueError, TypeError):
            return cls(*json.loads(headers[HEADER.lower()])) if HEADER.lower() in headers else cls()
        return cls()


class Origin:
    """An async context manager; answers every request with an event stream, on `url`."""

    def __init__(self) -> None:
        self.url = ""
        #: When the client of the stream with this key left, on the monotonic clock.
        self.departures: dict[str, float] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_HEAD_LIMIT, backlog=1024)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                await self._answer(reader, writer)
        finally:
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        version, headers = _read_head(await reader.readuntil(b"\r\n\r\n"))
        await reader.readexactly(int(headers.get("content-length", "0")))
        script = Script.read(headers)
        chunked = version == "HTTP/1.1"
        writer.write(_head(chunked=chunked, unbuffered=script.unbuffered))
        sending = asyncio.create_task(_send(script, writer, chunked=chunked))
        leaving = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                self.departures[script.key] = time.monotonic()
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)


def _read_head(data: bytes) -> tuple[str, dict[str, str]]:
    first, *lines = data.decode("latin-1").split("\r\n")
    fields = (line.partition(":") for line in lines if line)
    return first.rpartition(" ")[2], {name.lower(): value.strip() for name, _, value in fields}


def _head(*, chunked: bool, unbuffered: bool) -> bytes:
    fields = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Cache-Control: no-cache"]
    fields += ["X-Accel-Buffering: no"] if unbuffered else []
    fields += ["Transfer-Encoding: chunked" if chunked else "Connection: close"]
    return ("\r\n".join(fields) + "\r\n\r\n").encode()


async def _send(script: Script, writer: asyncio.StreamWriter, *, chunked: bool) -> None:
    if script.then == "flood":
        for _ in range(FLOOD // len(_COMMENT) + 1):
            await _write(writer, _COMMENT, chunked=chunked)
    else:
        await _send_events(script, writer, chunked=chunked)
    if script.then == "silence":
        await asyncio.Event().wait()
    if script.then == "crash":
        writer.transport.abort()
    elif chunked:
        writer.write(b"0\r\n\r\n")
        await writer.drain()


async def _write(writer: asyncio.StreamWriter, data: bytes, *, chunked: bool) -> None:
    writer.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
    await writer.drain()


async def _send_events(script: Script, writer: asyncio.StreamWriter, *, chunked: bool) -> None:
    begin = time.monotonic()
    number = 0
    while not script.count or number < script.count:
        await asyncio.sleep(begin + number * script.gap_s - time.monotonic())
        frame = b'data: {"stamp": {"seq": %d, "emitted_ns": %d}}\n\n' % (number + 1, time.time_ns())
        await _write(writer, frame, chunked=chunked)
        number += 1
