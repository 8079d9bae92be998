"""Requests that carry an id are answered once, whichever worker a repeated one meets."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, suppress
from typing import Any
from uuid import uuid4

from fastapi import HTTPException

from pulsegate.reference_server.json_text import to_json
from pulsegate.reference_server.kit.events import FAILED, Made, Stream
from pulsegate.reference_server.shared.away import RedisAway
from pulsegate.reference_server.shared.ending import end_all
from pulsegate.reference_server.shared.logs import END, Log, Logs, NotOurs

STREAM = to_json({"stream": True})
UNKNOWN = to_json({"unknown": True})

#: How long the end of a worker waits for answers that are being made, in seconds.
MAKING_LIMIT_S = 1.0

Key = tuple[str, str]


class SharedRecording:
    """The events of one stream: made once, and read from the start by any number of clients, on any worker."""

    def __init__(self, answers: SharedAnswers, name: str) -> None:
        self._answers = answers
        self._name = name

    async def replay(self) -> Stream:
        """Every event so far, then the others as they come; FAILED where the rest is lost."""
        try:
            async with self._answers.opened(self._name) as log:
                async with aclosing(log.follow(2)) as entries:
                    async for entry in entries:
                        yield json.loads(entry)
                if log.gone:
                    yield FAILED
        except RedisAway:
            yield FAILED


Answer = dict[str, Any] | SharedRecording


class SharedAnswers:
    """The answers given lately, by user and request id.

    The log of an answer holds what was asked, what kind of answer it is, and then the events of a stream.
    """

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self._makers: set[asyncio.Task[None]] = set()
        self._recorders: set[asyncio.Task[None]] = set()

    async def once(self, key: Key, request: str, make: Callable[[], Awaitable[Made]]) -> Answer:
        """The answer that `key` already has, or the one that `make` gives now.

        It is made to the end even when the client that asked first leaves. A failed one is forgotten. One whose
        maker died is not made again: nobody knows what it has done.

        Raises:
            HTTPException: 422 when the id came with another request before, 409 when the maker died before it
                answered, or as `make` failed on another worker.
            RedisAway: nothing was made.
        """
        name = "answer:" + _digest("\n".join(key))
        asked = _digest(request)
        async with self.opened(name) as log:
            if not log.entries and await log.begin(to_json({"asked": asked, "log": str(uuid4())})):
                answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
                _spawn(self._make(name, make, answer), self._makers)
                return await asyncio.shield(answer)
            if not log.entries:
                raise RedisAway
            if json.loads(log.entries[0])["asked"] != asked:
                raise HTTPException(422, "This request id was used for another request.")
            return self._read(name, await log.reached(1))

    def opened(self, name: str, *, owned: bool = False) -> AbstractAsyncContextManager[Log]:
        """The log of that name while the block runs; RedisAway."""
        return self._logs.opened(name, self._abandon, owned=owned)

    def begin_closing(self) -> None:
        """Cut short the streams in the making."""
        for recorder in self._recorders:
            recorder.cancel()

    async def close(self) -> None:
        """Cut them short, and wait until what they have is kept."""
        if self._makers:
            await asyncio.wait(self._makers, timeout=MAKING_LIMIT_S)
        await end_all({*self._makers, *self._recorders})

    def _read(self, name: str, entry: str | None) -> Answer:
        if entry is None:
            raise RedisAway
        kind = json.loads(entry)
        if "failed" in kind:
            raise HTTPException(*kind["failed"])
        if "unknown" in kind:
            raise HTTPException(409, "The worker that handled this request died: whether it had an effect is unknown.")
        return kind["json"] if "json" in kind else SharedRecording(self, name)

    async def _make(self, name: str, make: Callable[[], Awaitable[Made]], answer: asyncio.Future[Answer]) -> None:
        async with AsyncExitStack() as held:
            log = await held.enter_async_context(self.opened(name, owned=True))
            try:
                made = await make()
            except Exception as problem:
                await _forget(log, problem)
                _settle(answer, problem)
                return
            if isinstance(made, dict):
                _settle(answer, made)
                with suppress(NotOurs):
                    await log.append(to_json({"json": made}))
                    await log.finish()
                return
            _settle(answer, SharedRecording(self, name))
            _spawn(self._record(held.pop_all(), log, made), self._recorders)

    async def _record(self, held: AsyncExitStack, log: Log, stream: Stream) -> None:
        """Take all of `stream`, whoever listens, and also when nothing can be recorded any more."""
        async with held:
            ours = await _appended(log, STREAM)
            try:
                async with aclosing(stream):
                    async for event in stream:
                        ours = ours and await _appended(log, to_json(event))
            except asyncio.CancelledError:
                if ours:
                    await _appended(log, to_json(FAILED))
                raise
            finally:
                if ours:
                    await _appended(log, END)

    def _abandon(self, log: Log) -> None:
        _spawn(self._end(log), self._makers)

    async def _end(self, log: Log) -> None:
        with suppress(NotOurs):
            await log.append(UNKNOWN if len(log.entries) == 1 else to_json(FAILED))
            await log.finish()


async def _appended(log: Log, entry: str) -> bool:
    try:
        await log.append(entry)
    except NotOurs:
        return False
    return True


async def _forget(log: Log, problem: Exception) -> None:
    failed = [503, "The request failed: try again."]
    if isinstance(problem, HTTPException):
        failed = [problem.status_code, problem.detail]
    with suppress(RedisAway):
        await log.drop(to_json({"failed": failed}))


def _settle(answer: asyncio.Future[Answer], value: Answer | Exception) -> None:
    """Give the answer to who waits for it, if anybody still does."""
    if isinstance(value, Exception):
        answer.set_exception(value)
        answer.exception()  # seen, also when nobody waits
    else:
        answer.set_result(value)


def _spawn(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
