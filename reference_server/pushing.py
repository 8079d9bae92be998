"""Heartbeat streams without a task of their own: the ticker pushes their frames, and only the end is awaited.

A stream costs the memory of its connection and one waiting coroutine; a beat costs one call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import aclosing
from functools import partial
from types import coroutine
from typing import Any, Protocol, cast

from starlette.types import Receive, Send

from pulsegate.reference_server.handover import Rest
from pulsegate.reference_server.heartbeats import Heartbeats
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.streaming import LAST_CHUNK, EventStreamResponse, Frames, chunk, disconnected, end


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

    def rest(self, method: str) -> Rest:
        """The frames; of this response itself nothing is needed any more."""
        if method == "HEAD" or self.frames is not self._own:
            return super().rest(method)
        return partial(push_frames, self._pulse, self.services, self.surface)


async def push_frames(pulse: Pulse, services: Services, surface: str, receive: Receive, send: Send) -> None:
    """Push frames until the client leaves or the server shuts down; in the second case the last chunk is sent."""
    ending = asyncio.timeout(None)
    pusher = Pusher(pulse, send, ending, services.metrics.event_counter(surface))
    services.streams.add(surface, ending)
    try:
        async with ending:
            if not services.closing.is_set():
                await _push_until_gone(pusher, services.heartbeats, receive)
                return
    except TimeoutError:
        if not ending.expired():
            raise
    finally:
        services.streams.remove(surface, ending)
        pusher.close()
    await send(LAST_CHUNK)


async def _push_until_gone(pusher: Pusher, heartbeats: Heartbeats, receive: Receive) -> None:
    await pusher.open()
    phase = heartbeats.join(pusher.beat)
    try:
        await disconnected(receive)
    finally:
        phase.leave(pusher.beat)


class Pusher:
    """Sends frames from outside of any task. A client that has not taken one yet misses those in between.

    `ending` is ended when sending raises; `close` then raises the same. `count` is called for each frame sent.
    """

    __slots__ = ("_count", "_ending", "_pending", "_problem", "_pulse", "_send")

    def __init__(self, pulse: Pulse, send: Send, ending: asyncio.Timeout, count: Callable[[], None]) -> None:
        self._pulse = pulse
        self._send = send
        self._ending = ending
        self._count = count
        self._pending: asyncio.Task[None] | None = None
        self._problem: BaseException | None = None

    async def open(self) -> None:
        """Send the first frame."""
        await self._send(chunk(self._pulse.opening()))
        self._count()

    def beat(self, timestamp: str) -> None:
        """Send one heartbeat, or leave it out."""
        if self._pending is not None or self._problem is not None:
            return
        # uvicorn's send does not wait unless too much is on its way: one step is the whole of it
        sending = cast("Coroutine[Any, None, None]", self._send(chunk(self._pulse.beat(timestamp))))
        try:
            blocked = sending.send(None)
        except StopIteration:
            self._count()
            return
        except Exception as problem:
            self._fail(problem)
            return
        self._count()
        self._pending = asyncio.create_task(_rest(sending, blocked))
        self._pending.add_done_callback(self._sent)

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
        end(self._ending)


async def _rest(sending: Coroutine[Any, None, None], blocked: Any) -> None:
    """What is left of a coroutine whose first step was made by hand, and waits for `blocked`."""
    await _resumed(sending, blocked)


@coroutine
def _resumed(sending: Coroutine[Any, None, None], blocked: Any) -> Generator[Any, None, None]:
    yield blocked
    yield from cast("Generator[Any, None, None]", sending)
