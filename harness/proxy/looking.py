"""Everything that is looked at through a set of configurations, side by side; what is seen is kept as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from typing import Self, TypeVar

from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.contract.requests import make_request, surface_url
from pulsegate.harness.errors import PeerError, TargetUnreachable
from pulsegate.harness.proxy.bench import CUT_S, Bench, Running
from pulsegate.harness.proxy.evidence import Evidence, PathLook, Scale
from pulsegate.harness.proxy.hearing import Ask, Way, asks_of, open_way
from pulsegate.harness.proxy.holding import worst
from pulsegate.harness.proxy.observing import ROUNDS, listen_to_streams, time_first_events
from pulsegate.harness.proxy.origin import Origin
from pulsegate.harness.proxy.probes import (
    BEATS,
    ask_twice,
    crowd,
    megabytes_per_second,
    watch_departure,
    watch_endings,
    watch_idle,
    watch_reload,
)
from pulsegate.harness.target import Target

DIRECT = "direct"
#: Everything there is to look at; an experiment looks at what its clause needs.
ALL = frozenset({"first", "streams", "paths", "idle", "stored", "departure", "crowd", "speed", "ending", "reload"})
_AT_TARGET = ("first", "streams", "paths")
#: Those of them for which the server behind is our own, and nginx's times are shrunk.
_SHRUNK = ("idle", "stored", "departure", "crowd", "speed", "reload")
#: A path under /api that nobody serves: the backend's own "not found" shows who answers.
_UNKNOWN = "/api/pulsegate-nobody-serves-this"
_LOOK_S = 4.0
THREADS = 40

Say = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Started:
    """A bench, and one of its nginx processes."""

    bench: Bench
    running: Running

    @property
    def way(self) -> Way:
        """The way through it."""
        return self.running.way


@dataclass(slots=True)
class Looking:
    """One session of looking: at `target`, through `benches`; `evidence` by name fills as it goes on.

    An async context manager: all nginx processes run from its beginning to its end. What only waits (`glance`,
    `watch`) may run beside anything; `listen` measures times and wants the machine for itself.

    `looks` says by name what is wanted of a bench; all of it where it says nothing.
    """

    target: Target
    benches: Sequence[Bench]
    scale: Scale
    load: int
    seed: int
    looks: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rounds: int = ROUNDS
    say: Say = lambda _: None
    evidence: dict[str, Evidence] = field(default_factory=dict)
    _origin: Origin = field(default_factory=Origin)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    #: Before the target; before our own server, a silent stream cut soon; before it, times shrunk like heartbeats.
    _at_target: list[Started] = field(default_factory=list)
    _cutting: list[Started] = field(default_factory=list)
    _shrunk: list[Started] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        # starting and reloading nginx is waiting in a thread: as many as there are benches, whatever the cores
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._origin)
            await self._start_all(stack.enter_context(ExitStack()))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def direct(self) -> Way:
        """The way without a proxy."""
        target = self.target
        options = ConnectOptions(target.connect_timeout_s, target.ca_file, target.insecure, not target.loopback)
        return Way(DIRECT, target.url, options, target.headers)

    async def _start_all(self, stack: ExitStack) -> None:
        for bench in self.benches:
            self.evidence.setdefault(bench.name, bench.evidence())
        streaming = [bench for bench in self.benches if bench.stream_path()]
        shrunk = 1 / self.scale.factor
        self._at_target, self._cutting, self._shrunk = await unhurried(
            asyncio.gather(
                _start(self._wanting(self.benches, *_AT_TARGET), self.target.url, stack),
                _start(self._wanting(streaming, "ending"), self._origin.url, stack, Bench.cut_scale),
                _start(self._wanting(streaming, *_SHRUNK), self._origin.url, stack, lambda _: shrunk),
            )
        )

    def _wanting(self, benches: Iterable[Bench], *looks: str) -> list[Bench]:
        """Those of `benches` that any of `looks` is wanted of."""
        return [bench for bench in benches if self.looks.get(bench.name, ALL) & set(looks)]

    def _of(self, running: Sequence[Started], look: str) -> list[Started]:
        return [one for one in running if look in self.looks.get(one.bench.name, ALL)]

    def _note_deaths(self, running: Sequence[Started]) -> None:
        for one in running:
            evidence = self.evidence[one.bench.name]
            evidence.death = evidence.death or one.running.death
            evidence.problem = evidence.problem or evidence.death

    # what waits, before

    async def glance(self) -> None:
        """Look at what takes time and no processor: paths, endings, idle streams."""
        self.say(f"looking at paths and endings, watching idle streams for {BEATS} heartbeats")
        await asyncio.gather(
            *(self._look_at_paths(one) for one in self._of(self._at_target, "paths")),
            *(self._look_at_endings(one) for one in self._cutting),
            *(self._watch_idle(one) for one in self._of(self._shrunk, "idle")),
        )

    async def _look_at_paths(self, started: Started) -> None:
        evidence, bench = self.evidence[started.bench.name], started.bench
        paths = {path: surface for surface, path in bench.routes.paths.items() if path.startswith("/api/")}
        wanted = [path for path, surface in paths.items() if surface in evidence.covered and surface != "ws"]
        if bench.whole:
            wanted.append(_UNKNOWN)
        evidence.paths += filter(None, await asyncio.gather(*(self._look_at_path(started.way, one) for one in wanted)))

    async def _look_at_path(self, way: Way, path: str) -> PathLook | None:
        direct, through = await asyncio.gather(_answer(self.direct, path), _answer(way, path))
        return PathLook(path, direct, through) if direct[0] and direct[1] != "text/html" else None

    async def _look_at_endings(self, one: Started) -> None:
        self.evidence[one.bench.name].ending = await watch_endings(one.way, one.bench.stream_path(), 5 * CUT_S)

    async def _watch_idle(self, one: Started) -> None:
        self.evidence[one.bench.name].idle = await watch_idle(one.way, one.bench.stream_path(), self.scale.measured_s)

    # what is timed

    async def listen(self) -> None:
        """Time first events, whole streams and throughput. Raises TargetUnreachable when the target is gone."""
        asks = asks_of(self.target)
        if wanted := self._of(self._at_target, "first"):
            self.say(f"timing first events, {self.rounds} rounds")
            await self._time(wanted, asks)
        if wanted := self._of(self._at_target, "streams"):
            await self._listen(wanted, asks)
        await self._measure_speed(self._of(self._shrunk, "speed"))
        self._note_deaths(self._at_target)
        if self._at_target:
            await self._require_target()

    async def _time(self, running: Sequence[Started], asks: Mapping[str, Ask]) -> None:
        surfaces = {one.bench.name: one.bench.stream_surface() or "" for one in running}
        asked = {name: asks[surface] for name, surface in surfaces.items() if surface in asks}
        ways = [one.way for one in running if one.bench.name in asked]
        timings = await time_first_events(self.direct, ways, asked, seed=self.seed, rounds=self.rounds)
        for name, one in timings.items():
            self.evidence[name].first_events = one

    async def _listen(self, running: Sequence[Started], asks: Mapping[str, Ask]) -> None:
        surfaces = [surface for surface in ("rt", "cmp", "kit") if surface in asks]
        self.say(f"listening to streams of {', '.join(map(str.upper, surfaces)) or 'SSE'}")
        await asyncio.gather(*(self._listen_to(running, asks[surface]) for surface in surfaces))
        await asyncio.gather(*(self._listen_again(running, asks[surface]) for surface in surfaces))
        silent = [one for one in running if not self._heard(one.way)]  # these say little within seconds
        if silent and "sse" in asks:
            await self._listen_to(silent, asks["sse"])

    async def _listen_to(self, running: Sequence[Started], ask: Ask) -> None:
        ways = [one.way for one in running if one.bench.routes.location(ask.surface) is not None]
        if ways:
            listened = await listen_to_streams(self.direct, ways, ask)
            for name, one in listened.items():
                self.evidence[name].streams[ask.surface] = one

    async def _listen_again(self, running: Sequence[Started], ask: Ask) -> None:
        """To what was held back, with fewer beside it: what a busy machine did does not come again."""
        ways = [one.way for one in running if self._is_held(one.way, ask.surface)]
        if not ways:
            return
        for name, again in (await listen_to_streams(self.direct, ways, ask)).items():
            found = worst(again.holdings)
            if found is not None and found.verdict == "live":
                self.evidence[name].streams[ask.surface] = again

    def _is_held(self, way: Way, surface: str) -> bool:
        heard = self.evidence[way.name].streams.get(surface)
        found = worst(heard.holdings) if heard else None
        return found is not None and found.verdict != "live"

    def _heard(self, way: Way) -> bool:
        return any(one.holdings for one in self.evidence[way.name].streams.values())

    async def _measure_speed(self, running: Sequence[Started]) -> None:
        own = Way(DIRECT, self._origin.url, ConnectOptions(use_proxies=False))
        for one in filter(self._passes_streams, running):
            path = one.bench.stream_path()
            directly, through = await megabytes_per_second(own, path), await megabytes_per_second(one.way, path)
            self.evidence[one.bench.name].speed = directly, through

    def _passes_streams(self, one: Started) -> bool:
        """Where no stream came through there is nothing to hold, and everything to wait for."""
        idle = self.evidence[one.bench.name].idle
        return idle is None or not idle.problem

    async def _require_target(self) -> None:
        look = await _answer(self.direct, self.target.profile.surfaces.path("health") or "/")
        if not look[0]:
            raise TargetUnreachable(f"the target {self.target.shown_url} stopped answering while it was measured")

    # what waits, after

    async def watch(self) -> None:
        """Look at second clients, clients that leave, crowds and reloads."""
        if not self._shrunk:
            return
        unbuffered = await self._asks_for_no_buffering()
        passing = [one for one in self._shrunk if self._passes_streams(one)]
        await asyncio.gather(*(self._watch_others(one, unbuffered=unbuffered) for one in passing))
        if wanted := self._of(passing, "crowd"):
            self.say(f"holding {self.load} streams by each")
        for one in wanted:
            crowded = await crowd(one.way, one.bench.stream_path(), self.load, one.running.memory)
            self.evidence[one.bench.name].crowd = crowded
        await self._reload(self._of(self._shrunk, "reload"))
        self._note_deaths(self._shrunk)

    async def _asks_for_no_buffering(self) -> bool:
        """Whether the target's own streams say ``X-Accel-Buffering: no``."""
        for ask in asks_of(self.target).values():
            try:
                async with await open_way(self.direct, ask.request(self.direct), _LOOK_S) as stream:
                    if stream.headers.media_type == "text/event-stream":
                        return (stream.headers.get("x-accel-buffering") or "").strip().lower() == "no"
            except PeerError:
                continue
        return True

    async def _watch_others(self, one: Started, *, unbuffered: bool) -> None:
        evidence, path = self.evidence[one.bench.name], one.bench.stream_path()
        if self._of([one], "stored"):
            evidence.stored = await ask_twice(one.way, path, unbuffered=unbuffered)
        if self._of([one], "departure"):
            evidence.departure_s = await watch_departure(one.way, path, self._origin)
            evidence.departure_looked = True

    async def _reload(self, running: Sequence[Started]) -> None:
        if running:
            self.say("reloading with live streams")
        watch_s = BEATS * self.scale.measured_s
        seen = await asyncio.gather(
            *(watch_reload(one.way, one.bench.stream_path(), one.running.nginx.reload, watch_s) for one in running)
        )
        for one, reloaded in zip(running, seen, strict=True):
            self.evidence[one.bench.name].reloaded = reloaded


async def _start(
    benches: Sequence[Bench], url: str, stack: ExitStack, scale: Callable[[Bench], float] = lambda _: 1.0
) -> list[Started]:
    """Start all; each is on `stack` before a failure is raised."""
    starting = (asyncio.to_thread(bench.start, url, scale=scale(bench), stack=stack) for bench in benches)
    started = await asyncio.gather(*starting, return_exceptions=True)
    for one in started:
        if isinstance(one, BaseException):
            raise one
    return [Started(b, one) for b, one in zip(benches, started, strict=True) if isinstance(one, Running)]


async def unhurried(work: Awaitable[T]) -> T:
    """The result of `work`, which is not left half done when it is no longer wanted: it may start processes."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def _answer(way: Way, path: str) -> tuple[int, str]:
    """Status and media type of a GET; 0 and the reason where no answer comes."""
    request = make_request("GET", surface_url(way.url, path), common=way.headers)
    try:
        async with await open_way(way, request, _LOOK_S) as stream:
            return stream.status, stream.headers.media_type
    except PeerError as problem:
        return 0, str(problem)
