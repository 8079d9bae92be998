"""What nginx itself does with streams, seen with a server of our own behind it: idle, cut, crowded, left, reloaded."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.contract.requests import make_request, surface_url
from pulsegate.harness.errors import CouldNotMeasure, PeerError
from pulsegate.harness.proxy.hearing import Way, arrivals, open_way, refusal
from pulsegate.harness.proxy.origin import FLOOD, Origin, Script

#: How long an answer may take to begin, in seconds.
OPEN_S = 3.0
#: The gap of a stream that is busy, in seconds: far below any timeout that is being scaled.
BUSY_GAP_S = 0.1
#: After how many heartbeats without a cut an idle stream counts as alive, and a reloaded one too.
BEATS = 3
#: How often a stream is asked for that did not begin within the proxy's timeout, and what the proxy says then.
LATE_TRIES = 4
_TOO_LATE = "answered 504"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one stream: how it ended (see clients.stream_reader), and after how long, in seconds."""

    ended: str | None
    after_s: float
    events: int
    problem: str = ""

    @property
    def lived(self) -> bool:
        """Whether it was still open when it was no longer watched."""
        return self.ended is None and not self.problem


@dataclass(frozen=True, slots=True)
class Ending:
    """How a stream's end looks to a client: cut by the proxy, ended by the server, broken off by the server."""

    cut: Fate
    normal: Fate
    crash: Fate


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A stream that was open during a reload, and one opened after it."""

    open_one: Fate
    new_one: Fate


@dataclass(frozen=True, slots=True)
class Crowd:
    """Many streams at once."""

    asked: int
    held: int
    #: Of the proxy's processes, with and without them; 0 where it is not known.
    bytes_per_stream: float
    problem: str = ""


async def watch(way: Way, path: str, script: Script, watch_s: float) -> Fate:
    """Open a stream of the origin and watch it for `watch_s` seconds, or until it ends."""
    try:
        async with await _opened(way, path, script) as stream:
            if problem := refusal(stream):
                return Fate(stream.ended, 0.0, 0, problem)
            begin = time.monotonic()
            await _until_over(stream, watch_s)
            return Fate(stream.ended, time.monotonic() - begin, len(arrivals(stream)))
    except PeerError as problem:
        return Fate(None, 0.0, 0, str(problem))


async def _opened(way: Way, path: str, script: Script, query: Mapping[str, str] | None = None) -> Stream:
    url = surface_url(way.url, path, query=query or {"pulsegate": secrets.token_hex(6)})  # nobody's stored copy
    headers = {"Accept": "text/event-stream", **script.headers()}
    return await open_way(way, make_request("GET", url, headers=headers, common=way.headers), OPEN_S)


async def _until_over(stream: Stream, watch_s: float) -> None:
    end = time.monotonic() + watch_s
    while stream.ended is None and (left_s := end - time.monotonic()) > 0:
        try:
            await stream.next_event(left_s)
        except PeerError:
            continue


async def watch_idle(way: Way, path: str, interval_s: float) -> Fate:
    """A stream that is silent but for one event every `interval_s`, over BEATS of them; a cut is looked at twice."""
    fate = Fate(None, 0.0, 0)
    for _ in range(2):
        fate = await _watch_once_more(way, path, Script(interval_s), (BEATS + 0.4) * interval_s)
        if fate.lived or fate.problem:
            break
    return fate


async def watch_reload(way: Way, path: str, reload: Callable[[], None], watch_s: float) -> Reloaded:
    """A busy stream that is open while `reload` is called, for `watch_s` seconds after it."""
    try:
        async with await _opened(way, path, Script(BUSY_GAP_S)) as stream:
            if problem := refusal(stream):
                return Reloaded(Fate(None, 0.0, 0, problem), Fate(None, 0.0, 0))
            await stream.next_event(OPEN_S)
            await asyncio.to_thread(reload)
            begin = time.monotonic()
            await _until_over(stream, watch_s)
            old = Fate(stream.ended, time.monotonic() - begin, len(arrivals(stream)))
    except (PeerError, CouldNotMeasure) as problem:
        old = Fate(None, 0.0, 0, str(problem))
    return Reloaded(old, await watch(way, path, Script(BUSY_GAP_S, count=2), OPEN_S))


async def watch_endings(way: Way, path: str, patience_s: float) -> Ending:
    """Three streams of which one falls silent until the proxy's timeout, which is below `patience_s`."""
    return Ending(
        *await asyncio.gather(
            _watch_once_more(way, path, Script(0.02, count=3, then="silence"), patience_s),
            _watch_once_more(way, path, Script(0.02, count=3), OPEN_S),
            _watch_once_more(way, path, Script(0.02, count=3, then="crash"), OPEN_S),
        )
    )


async def _watch_once_more(way: Way, path: str, script: Script, watch_s: float) -> Fate:
    """As `watch`; again where a busy machine let the proxy's timeout pass before the stream began."""
    fate = await watch(way, path, script, watch_s)
    for _ in range(LATE_TRIES - 1):
        if fate.problem.startswith(_TOO_LATE):
            fate = await watch(way, path, script, watch_s)
    return fate


async def ask_twice(way: Way, path: str, *, unbuffered: bool) -> str:
    """What is wrong when the same short stream is asked for twice: the second one a copy; empty for nothing.

    `unbuffered`: whether the server says ``X-Accel-Buffering: no``, which also keeps nginx from storing.
    """
    query = {"pulsegate": secrets.token_hex(6)}
    asked_ns = 0
    try:
        for _ in range(2):
            asked_ns = time.time_ns()
            async with await _opened(way, path, Script(0.02, count=3, unbuffered=unbuffered), query) as stream:
                await _until_over(stream, OPEN_S)
                events = arrivals(stream)
    except PeerError:
        return ""
    if events and (events[0].emitted_ns or asked_ns) < asked_ns:
        age_ms = (asked_ns - (events[0].emitted_ns or 0)) / 1e6
        return f"a client that asks for a stream after another gets its stored copy, {age_ms:.0f} ms old"
    return ""


async def watch_departure(way: Way, path: str, origin: Origin, limit_s: float = 2.0) -> float | None:
    """After how many seconds the server behind the proxy sees that a client has left; None: not within `limit_s`."""
    key = secrets.token_hex(6)
    try:
        async with await _opened(way, path, Script(BUSY_GAP_S, key=key)) as stream:
            await stream.next_event(OPEN_S)
            stream.close()
    except PeerError:
        return None
    begin = time.monotonic()
    while time.monotonic() - begin < limit_s:
        if key in origin.departures:
            return max(0.0, origin.departures[key] - begin)
        await asyncio.sleep(0.01)
    return None


async def crowd(way: Way, path: str, count: int, memory: Callable[[], int]) -> Crowd:
    """Hold `count` streams at once, opened a few at a time; those with an event are held."""
    before = await asyncio.to_thread(memory)
    problem = ""
    async with AsyncExitStack() as stack:
        held = 0
        for first in range(0, count, 20):
            opened = await asyncio.gather(
                *(_first_event(way, path) for _ in range(min(20, count - first))), return_exceptions=True
            )
            for one in opened:
                if isinstance(one, Stream):
                    await stack.enter_async_context(one)
                    held += 1
                else:
                    problem = problem or str(one)
            if not held:
                break
        after = await asyncio.to_thread(memory)
    return Crowd(count, held, max(0, after - before) / held if held else 0.0, problem)


async def _first_event(way: Way, path: str) -> Stream:
    stream = await _opened(way, path, Script(0.5))
    try:
        await stream.next_event(OPEN_S)
    except BaseException:
        stream.close()
        raise
    return stream


async def megabytes_per_second(way: Way, path: str) -> float | None:
    """How fast a long stream passes that is sent all at once; None where it does not."""
    try:
        async with await _opened(way, path, Script(then="flood")) as stream:
            await _until_over(stream, 5.0)
            reads = stream.reads
    except PeerError:
        return None
    size = sum(len(read.data) for read in reads)
    spread_ns = reads[-1].arrival.at_ns - reads[0].arrival.at_ns if size >= FLOOD else 0
    return size / spread_ns * 1e3 if spread_ns else None
