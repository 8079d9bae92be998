"""Everything that is looked at through a set of configurations, side by side; what is seen is kept as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.contract.requests import make_request, surface_url
from pulsegate.harness.errors import PeerError, TargetUnreachable
from pulsegate.harness.proxy.bench import CUT_S, Bench, Running
from pulsegate.harness.proxy.evidence import Evidence, PathLook, Scale
from pulsegate.harness.proxy.hearing import Ask, Way, asks_of, open_way
from pulsegate.harness.proxy.observing import LISTENINGS, ROUNDS, listen_to_streams, time_first_events
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
#: Those of them for which the server behind is our own, and nginx's times are shrunk.
_SHRUNK = ("idle", "stored", "departure", "crowd", "speed", "reload")
#: A path under /api that nobody serves: the backend's own "not found" shows who answers.
_UNKNOWN = "/api/pulsegate-nobody-serves-this"
_LOOK_S = 4.0

Say = Callable[[str], None]


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

    `looks` says by name what is wanted of a bench; all of it where it says nothing.
    """

    target: Target
    benches: Sequence[Bench]
    scale: Scale
    load: int
    seed: int
    looks: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rounds: int = ROUNDS
    listenings: int = LISTENINGS
    say: Say = lambda _: None
    evidence: dict[str, Evidence] = field(default_factory=dict)

    def run(self) -> None:
        """Look at everything asked for. Raises TargetUnreachable when the target is gone."""
        for bench in self.benches:
            self.evidence.setdefault(bench.name, bench.evidence())
        asyncio.run(self._run())

    @property
    def direct(self) -> Way:
        """The way without a proxy."""
        target = self.target
        options = ConnectOptions(target.connect_timeout_s, target.ca_file, target.insecure, not target.loopback)
        return Way(DIRECT, target.url, options, target.headers)

    def _wanting(self, benches: Iterable[Bench], *looks: str) -> list[Bench]:
        """Those of `benches` that any of `looks` is wanted of."""
        return [bench for bench in benches if self.looks.get(bench.name, ALL) & set(looks)]

    async def _run(self) -> None:
        at_target = self._wanting(self.benches, "first", "streams", "paths")
        if at_target:
            with ExitStack() as stack:
                running = await self._start(at_target, self.target.url, stack)
                await self._look_at_target(running)
                self._note_deaths(running)
                await self._require_target()
        streaming = [bench for bench in self.benches if bench.stream_path()]
        async with Origin() as origin:
            await self._look_at_endings(origin, self._wanting(streaming, "ending"))
            await self._look_at_nginx(origin, self._wanting(streaming, *_SHRUNK))

    async def _start(
        self, benches: Sequence[Bench], url: str, stack: ExitStack, scale: Callable[[Bench], float] = lambda _: 1.0
    ) -> list[Started]:
        """Start all; each is on `stack` before a failure is raised."""
        starting = (asyncio.to_thread(bench.start, url, scale=scale(bench), stack=stack) for bench in benches)
        started = await asyncio.gather(*starting, return_exceptions=True)
        for one in started:
            if isinstance(one, BaseException):
                raise one
        return [Started(b, one) for b, one in zip(benches, started, strict=True) if isinstance(one, Running)]

    def _of(self, running: Sequence[Started], look: str) -> list[Started]:
        return [one for one in running if look in self.looks.get(one.bench.name, ALL)]

    def _note_deaths(self, running: Sequence[Started]) -> None:
        for one in running:
            evidence = self.evidence[one.bench.name]
            evidence.problem = evidence.problem or one.running.death

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

    async def _require_target(self) -> None:
        look = await _answer(self.direct, self.target.profile.surfaces.path("health") or "/")
        if not look[0]:
            raise TargetUnreachable(f"the target {self.target.shown_url} stopped answering while it was measured")

    # through to the target

    async def _look_at_target(self, running: Sequence[Started]) -> None:
        asks = asks_of(self.target)
        if wanted := self._of(running, "paths"):
            self.say("looking at the paths")
            await asyncio.gather(*(self._look_at_paths(one) for one in wanted))
        if wanted := self._of(running, "first"):
            self.say(f"timing first events, {self.rounds} rounds")
            await self._time(wanted, asks)
        if wanted := self._of(running, "streams"):
            await self._listen(wanted, asks)

    async def _look_at_paths(self, started: Started) -> None:
        evidence, bench = self.evidence[started.bench.name], started.bench
        paths = {path: surface for surface, path in bench.routes.paths.items() if path.startswith("/api/")}
        wanted = [path for path, surface in paths.items() if surface in evidence.covered and surface != "ws"]
        if bench.whole:
            wanted.append(_UNKNOWN)
        for path in wanted:
            direct = await _answer(self.direct, path)
            if direct[1] != "text/html":
                evidence.paths.append(PathLook(path, direct, await _answer(started.way, path)))

    async def _time(self, running: Sequence[Started], asks: Mapping[str, Ask]) -> None:
        surfaces = {one.bench.name: one.bench.stream_surface() or "" for one in running}
        asked = {name: asks[surface] for name, surface in surfaces.items() if surface in asks}
        ways = [one.way for one in running if one.bench.name in asked]
        timings = await time_first_events(self.direct, ways, asked, seed=self.seed, rounds=self.rounds)
        for name, one in timings.items():
            self.evidence[name].first_events = one

    async def _listen(self, running: Sequence[Started], asks: Mapping[str, Ask]) -> None:
        for surface in ("rt", "cmp", "kit", "sse"):
            ways = [one.way for one in running if one.bench.routes.location(surface) is not None]
            if surface == "sse":  # says little within seconds: only where nothing else has been heard
                ways = [way for way in ways if not self._heard(way)]
            if surface not in asks or not ways:
                continue
            self.say(f"listening to streams of {surface.upper()}")
            listened = await listen_to_streams(self.direct, ways, asks[surface], listenings=self.listenings)
            for name, one in listened.items():
                self.evidence[name].streams[surface] = one

    def _heard(self, way: Way) -> bool:
        return any(one.holdings for one in self.evidence[way.name].streams.values())

    # through to a server of our own

    async def _look_at_endings(self, origin: Origin, benches: Sequence[Bench]) -> None:
        if not benches:
            return
        self.say("telling cuts from ends")
        with ExitStack() as stack:
            running = await self._start(benches, origin.url, stack, Bench.cut_scale)
            endings = await asyncio.gather(
                *(watch_endings(one.way, one.bench.stream_path(), 4 * CUT_S) for one in running)
            )
            for one, ending in zip(running, endings, strict=True):
                self.evidence[one.bench.name].ending = ending

    async def _look_at_nginx(self, origin: Origin, benches: Sequence[Bench]) -> None:
        if not benches:
            return
        with ExitStack() as stack:
            running = await self._start(benches, origin.url, stack, lambda _: 1 / self.scale.factor)
            await self._watch_idle(self._of(running, "idle"))
            await self._one_by_one(running, origin)
            await self._reload(self._of(running, "reload"))
            self._note_deaths(running)

    async def _watch_idle(self, running: Sequence[Started]) -> None:
        if running:
            self.say(f"watching idle streams for {BEATS} heartbeats")
        interval_s = self.scale.measured_s
        fates = await asyncio.gather(*(watch_idle(one.way, one.bench.stream_path(), interval_s) for one in running))
        for one, fate in zip(running, fates, strict=True):
            self.evidence[one.bench.name].idle = fate

    async def _reload(self, running: Sequence[Started]) -> None:
        if running:
            self.say("reloading with live streams")
        watch_s = BEATS * self.scale.measured_s
        seen = await asyncio.gather(
            *(watch_reload(one.way, one.bench.stream_path(), one.running.nginx.reload, watch_s) for one in running)
        )
        for one, reloaded in zip(running, seen, strict=True):
            self.evidence[one.bench.name].reloaded = reloaded

    async def _one_by_one(self, running: Sequence[Started], origin: Origin) -> None:
        unbuffered = await self._asks_for_no_buffering()
        own = Way(DIRECT, origin.url, ConnectOptions(use_proxies=False))
        if self._of(running, "crowd"):
            self.say(f"holding {self.load} streams by each")
        for one in running:
            evidence, path = self.evidence[one.bench.name], one.bench.stream_path()
            if evidence.idle is not None and evidence.idle.problem:
                continue  # no stream came through: nothing to hold, and everything to wait for
            if self._of([one], "stored"):
                evidence.stored = await ask_twice(one.way, path, unbuffered=unbuffered)
            if self._of([one], "departure"):
                evidence.departure_s = await watch_departure(one.way, path, origin)
                evidence.departure_looked = True
            if self._of([one], "speed"):
                evidence.speed = (await megabytes_per_second(own, path), await megabytes_per_second(one.way, path))
            if self._of([one], "crowd"):
                evidence.crowd = await crowd(one.way, path, self.load, one.running.memory)


async def _answer(way: Way, path: str) -> tuple[int, str]:
    """Status and media type of a GET; 0 and the reason where no answer comes."""
    request = make_request("GET", surface_url(way.url, path), common=way.headers)
    try:
        async with await open_way(way, request, _LOOK_S) as stream:
            return stream.status, stream.headers.media_type
    except PeerError as problem:
        return 0, str(problem)
