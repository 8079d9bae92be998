"""Heartbeat streams without a task of their own: the ticker pushes their frames, and only the end is awaited.

A stream costs the memory of its connection and one waiting coroutine; a beat costs one call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import aclosing
from types import coroutine
from typing import Any, Protocol, cast

from starlette.types import Message, Receive, Send

from pulsegate.reference_server.heartbeats import Heartbeats
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.streaming import EventStreamResponse, Frames, disconnected, end


class Pulse(Protocol):
    """What one stream sends."""

    def opening(self) -> bytes:
        """The first frame."""

    def beat(self, timestamp: str) -> bytes:
        """The frame of one heartbeat."""


async def frames_of(pulse: Pulse, heartbeats: Heartbeats) -> Frames:
    """The frames of a stream, one after the other."""
    yield pulse.opening()
    async with aclosing(heartbeats.timestamps()) as timestamps:
        async for timestamp in timestamps:
            yield pulse.beat(timestamp)


class PulseResponse(EventStreamResponse):
    """A heartbeat stream. Its frames are pushed, unless a planted change has put others in their place."""

    def __init__(self, pulse: Pulse, *, services: Services, surface: str) -> None:
        self._pulse = pulse
        self._own = frames_of(pulse, services.heartbeats)
        super().__init__(self._own, services=services, surface=surface)

    async def send_frames(self, receive: Receive, send: Send) -> bool:
        """Push frames until the client leaves or the server shuts down."""
        if self.frames is not self._own:
            return await super().send_frames(receive, send)
        await self._own.aclose()
        await send(_body(self._pulse.opening()))
        self.services.metrics.count_event(self.surface)
        return await self._push_frames(receive, send)

    async def _push_frames(self, receive: Receive, send: Send) -> bool:
        ending = asyncio.timeout(None)
        pusher = Pusher(send, lambda: end(ending))

        def strike(timestamp: str) -> None:
            if pusher.push(self._pulse.beat(timestamp)):
                self.services.metrics.count_event(self.surface)

        try:
            async with ending:
                with self.services.streams.opened(self.surface, ending), self.services.heartbeats.beating(strike):
                    await disconnected(receive)
                    return False
        except TimeoutError:
            if not ending.expired():
                raise
        finally:
            pusher.close()
        return True


class Pusher:
    """Sends frames from outside of any task. A client that has not taken one yet misses those in between.

    `failed` is called when sending raises; `close` then raises the same.
    """

    __slots__ = ("_failed", "_pending", "_problem", "_send")

    def __init__(self, send: Send, failed: Callable[[], None]) -> None:
        self._send = send
        self._failed = failed
        self._pending: asyncio.Task[None] | None = None
        self._problem: BaseException | None = None

    def push(self, frame: bytes) -> bool:
        """Send one frame; False when it was left out."""
        if self._pending is not None or self._problem is not None:
            return False
        # uvicorn's send does not wait unless too much is on its way: one step is the whole of it
        sending = cast("Coroutine[Any, None, None]", self._send(_body(frame)))
        try:
            blocked = sending.send(None)
        except StopIteration:
            return True
        except Exception as problem:
            self._fail(problem)
            return False
        self._pending = asyncio.create_task(_rest(sending, blocked))
        self._pending.add_done_callback(self._sent)
        return True

    def close(self) -> None:
        """Give up the frame that is on its way, if any."""
        if self._pending is not None:
            self._pending.cancel()
        if self._problem is not None:
            raise self._problem

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._pending = None
        if not task.cancelled() and (problem := task.exception()) is not None:
            self._fail(problem)

    def _fail(self, problem: BaseException) -> None:
        self._problem = problem
        self._failed()


def _body(frame: bytes) -> Message:
    return {"type": "http.response.body", "body": frame, "more_body": True}


async def _rest(sending: Coroutine[Any, None, None], blocked: Any) -> None:
    """What is left of a coroutine whose first step was made by hand, and waits for `blocked`."""
    await _resumed(sending, blocked)


@coroutine
def _resumed(sending: Coroutine[Any, None, None], blocked: Any) -> Generator[Any, None, None]:
    yield blocked
    yield from cast("Generator[Any, None, None]", sending)
