"""Requests that carry an id are answered once: a repeated one gets the recorded answer, also while it is being made."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from time import monotonic
from typing import Any

from fastapi import HTTPException

from pulsegate.reference_server.kit.events import Event, Made, Stream

REMEMBERED_S = 600.0
REMEMBERED = 1000


class Recording:
    """The events of one stream: made once, and read from the start by any number of clients."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._finished = False
        self._news = asyncio.Event()

    async def record(self, stream: Stream) -> None:
        """Take all of `stream`, whoever listens."""
        try:
            async with aclosing(stream):
                async for event in stream:
                    self._events.append(event)
                    self._tell()
        finally:
            self._finished = True
            self._tell()

    async def replay(self) -> Stream:
        """Every event so far, then the others as they come."""
        position = 0
        while True:
            news = self._news
            while position < len(self._events):
                yield self._events[position]
                position += 1
            if self._finished:
                return
            await news.wait()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


Answer = dict[str, Any] | Recording
Key = tuple[str, str]


@dataclass(frozen=True)
class _Known:
    request: str
    answer: asyncio.Task[Answer]
    until: float


class Answers:
    """The answers given lately, by user and request id. When `closing` is set, streams in the making are cut short."""

    def __init__(self, closing: asyncio.Event) -> None:
        self._closing = closing
        self._known: OrderedDict[Key, _Known] = OrderedDict()
        self._recorders: set[asyncio.Task[None]] = set()
        self._guard: asyncio.Task[None] | None = None

    async def once(self, key: Key, request: str, make: Callable[[], Awaitable[Made]]) -> Answer:
        """The answer that `key` already has, or the one that `make` gives now.

        It is made to the end even when the client that asked first leaves. A failed one is forgotten.

        Raises:
            HTTPException: 422 when the id came with another request before; whatever `make` raises.
        """
        self._forget_old()
        known = self._known.get(key)
        if known is None:
            answer = asyncio.create_task(self._make(key, make))
            known = self._known[key] = _Known(request, answer, monotonic() + REMEMBERED_S)
        elif known.request != request:
            raise HTTPException(422, "This request id was used for another request.")
        return await asyncio.shield(known.answer)

    def _forget_old(self) -> None:
        while self._known:
            oldest = next(iter(self._known.values()))
            if oldest.until > monotonic() and len(self._known) < REMEMBERED:
                return
            self._known.popitem(last=False)

    async def _make(self, key: Key, make: Callable[[], Awaitable[Made]]) -> Answer:
        try:
            made = await make()
        except BaseException:
            self._known.pop(key, None)
            raise
        return made if isinstance(made, dict) else self._start(made)

    def _start(self, stream: Stream) -> Recording:
        recording = Recording()
        recorder = asyncio.create_task(recording.record(stream))
        self._recorders.add(recorder)
        recorder.add_done_callback(self._recorders.discard)
        if self._guard is None:
            self._guard = asyncio.create_task(self._stop_on_closing())
        return recording

    async def _stop_on_closing(self) -> None:
        await self._closing.wait()
        for recorder in tuple(self._recorders):
            recorder.cancel()
