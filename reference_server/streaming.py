"""Server-sent events as bare ASGI: each frame leaves at once, and every stream ends for a reason."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from pulsegate.reference_server.handover import Rest, hand_over
from pulsegate.reference_server.json_text import to_json

if TYPE_CHECKING:
    from pulsegate.reference_server.metrics import Metrics
    from pulsegate.reference_server.services import Services

Frames = AsyncGenerator[bytes, None]

STREAM_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
}


LAST_CHUNK: Message = {"type": "http.response.body", "body": b"", "more_body": False}


def chunk(data: bytes) -> Message:
    """What sends a part of a body."""
    return {"type": "http.response.body", "body": data, "more_body": True}


def sse_frame(data: object, event: str | None = None, event_id: int | str | None = None) -> bytes:
    """One event, blank line included; a `str` is sent as it stands, anything else as JSON."""
    text = data if isinstance(data, str) else to_json(data)
    lines = [] if event_id is None else [f"id: {event_id}"]
    if event is not None:
        lines.append(f"event: {event}")
    lines.extend(f"data: {line}" for line in text.split("\n"))
    return ("\n".join(lines) + "\n\n").encode()


def comment_frame(text: str) -> bytes:
    """One comment, which keeps a connection alive and is no event."""
    return f": {text}\n\n".encode()


class OpenStreams:
    """Every event stream that is open now, so that shutdown can end them all."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._scopes: set[asyncio.Timeout] = set()

    def add(self, surface: str, scope: asyncio.Timeout) -> None:
        """A stream of `surface` has begun; `scope` is what ends it."""
        self._scopes.add(scope)
        self._metrics.count_open(surface, 1)

    def remove(self, surface: str, scope: asyncio.Timeout) -> None:
        """A stream is over."""
        self._scopes.discard(scope)
        self._metrics.count_open(surface, -1)

    def end_all(self) -> None:
        """End every stream cleanly, after the frame it is sending."""
        for scope in tuple(self._scopes):
            end(scope)


def end(scope: asyncio.Timeout) -> None:
    """End what runs inside `scope`: a timeout that has no time limit is asyncio's own cancel scope."""
    if not scope.expired():
        scope.reschedule(asyncio.get_running_loop().time())


class EventStreamResponse(Response):
    """Sends the frames of an async generator as ``text/event-stream``.

    The generator is closed (``CancelledError`` at its await, then its ``finally`` blocks) when the client
    leaves or the server shuts down; in the second case the last chunk is sent. A HEAD request gets the
    headers only and the generator never starts. `surface` is the label of the open-streams gauge.
    """

    def __init__(
        self,
        frames: Frames,
        *,
        services: Services,
        surface: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.frames = frames
        self.services = services
        self.surface = surface
        self.status_code = 200
        self.background = None
        self.init_headers({**STREAM_HEADERS, **(headers or {})})

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """Set the headers as they are given: a stream has no length."""
        self.raw_headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the headers, the frames and, unless the client has left, the last chunk."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        rest = self.rest(scope["method"])
        if not hand_over(scope, rest):
            await rest(receive, send)

    def rest(self, method: str) -> Rest:
        """What is left to do of the answer to a request once its headers are sent."""
        return partial(self._send_rest, method)

    async def _send_rest(self, method: str, receive: Receive, send: Send) -> None:
        still_there = True
        if method != "HEAD" and not self.services.closing.is_set():
            still_there = await self.send_frames(receive, send)
        if still_there:
            await send(LAST_CHUNK)

    async def send_frames(self, receive: Receive, send: Send) -> bool:
        """Send all frames; False when the client has left."""
        gone = asyncio.Event()
        watcher: asyncio.Task[None] | None = None
        scope = asyncio.timeout(None)
        self.services.streams.add(self.surface, scope)
        try:
            async with scope, aclosing(self.frames) as frames:
                watcher = asyncio.create_task(_watch(receive, scope, gone))
                async for frame in frames:
                    await send(chunk(frame))
                    self.services.metrics.count_event(self.surface)
        except TimeoutError:
            if not scope.expired():
                raise
        finally:
            self.services.streams.remove(self.surface, scope)
            if watcher is not None:
                watcher.cancel()
        return not gone.is_set()


async def disconnected(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _watch(receive: Receive, scope: asyncio.Timeout, gone: asyncio.Event) -> None:
    await disconnected(receive)
    gone.set()
    end(scope)
