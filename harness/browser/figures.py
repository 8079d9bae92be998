"""The figures of an instrumented page: what an update costs, what a conversation holds, what an optimisation brings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from pulsegate.harness.browser.chromium import Chromium, named_failures
from pulsegate.harness.browser.claims import (
    BATCHING,
    CLAIMS,
    DEBOUNCING,
    MEMORY,
    SOCKET,
    Documented,
    interleaved,
    judge,
    not_measured,
)
from pulsegate.harness.browser.instrumented import InstrumentedPage, Load, Samples, with_parameters
from pulsegate.harness.browser.sampling import dropped_frames
from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.record import Claim, Estimate
from pulsegate.harness.statistics.added import typical

#: How often the page is opened to time its connections.
OPENINGS = 10
#: How long updates are watched, and how long each side of a pair takes, in seconds.
WATCH_S = 10
PAIR_S = 2
#: Rounds of the same load, the first of which fill what may be filled.
LEAK_WARM_UP = 3
LEAK_ROUNDS = 8
LEAK_EVENTS = 600

#: By claim the switch of the page.
SWITCHES = {BATCHING.name: "batching", DEBOUNCING.name: "debouncing", MEMORY.name: "memory", SOCKET.name: "socket"}
ALL_OFF = {"batching": False, "debouncing": False}
_COUNTED = ("renders", "state updates", "dropped frames", "long tasks")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the page is put through."""

    updates_per_s: int = 60
    messages: int = 10_000
    repetitions: int = 6
    seed: int = 0


@dataclass
class Figures:
    """What is known so far."""

    samples: Samples = field(default_factory=Samples)
    pairs: dict[str, tuple[list[float], list[float]]] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    growth_mb: Estimate | None = None
    notes: list[str] = field(default_factory=list)

    def claims(self) -> list[Claim]:
        """Each claim with the word for what was measured."""
        return [self._claim(one) for one in CLAIMS]

    def _claim(self, claim: Documented) -> Claim:
        off, on = self.pairs.get(claim.name, ([], []))
        if off and on and claim.name not in self.refusals:
            return judge(claim, off, on)
        return not_measured(claim, self.refusals.get(claim.name, "the run ended before"))


class Measurement:
    """Measures one instrumented page, step by step; what was measured stays in `figures`."""

    def __init__(
        self, browser: Chromium, url: str, inputs: Inputs, figures: Figures, say: Callable[[str], None]
    ) -> None:
        self._browser = browser
        self._url = url
        self._inputs = inputs
        self.figures = figures
        self._say = say

    @asynccontextmanager
    async def _page(
        self, *, settled: bool = True, **parameters: object
    ) -> AsyncIterator[tuple[InstrumentedPage, bool]]:
        """The page in a context of its own, and whether it is connected; `settled`, once its own run is over."""
        async with self._browser.page() as opened:
            await opened.open(with_parameters(self._url, **parameters))
            page = InstrumentedPage(opened)
            yield page, await (page.settle() if settled else page.connected())

    async def all(self, *, only_leak: bool = False) -> None:
        """Everything, the cheapest first; or only what a clause needs."""
        for doing, step in (
            ("timing connections", self.connections),
            ("measuring updates", self.updates),
            ("measuring updates without batching and debouncing", self.single_updates),
            ("looking for a leak", self.leak),
            ("comparing batching, debouncing and the socket", self.switches),
            ("filling conversations with and without memory management", self.conversations),
        ):
            if only_leak and step != self.leak:
                continue
            self._say(doing)
            with named_failures(self._browser, doing):
                await step()

    async def connections(self) -> None:
        """The page opened again and again, each time by a browser that knows nothing of it."""
        samples = self.figures.samples
        for _ in range(OPENINGS):
            async with self._browser.page() as opened:
                await opened.open(self._url)
                page = InstrumentedPage(opened)
                connected = await page.connected()
                samples.add("connection_latency", *opened.network.established_ms())
                if connected and (established := await page.established_ms()) is not None:
                    samples.add("established", established)

    async def updates(self) -> None:
        """Updates at the rate that was asked for, the page as it is."""
        async with self._page() as (page, connected):
            if not connected:
                self.figures.notes.append("the page is not connected; its load was measured nevertheless")
            load = await self._watch(page)
            self._keep(load, "")
            samples = self.figures.samples
            samples.add("frame_interval", *load.frames_ms)
            samples.add("long_task", *load.long_tasks_ms)
            samples.add("round_trip", *await page.round_trips_ms())
            counts = (load.renders, load.state_updates, dropped_frames(load.frames_ms), len(load.long_tasks_ms))
            samples.counts |= {"updates": load.updates, **dict(zip(_COUNTED, counts, strict=True))}

    async def single_updates(self) -> None:
        """The same with one render an update: what an update itself costs."""
        async with self._page(batching=0, debouncing=0) as (page, _):
            self._keep(await self._watch(page), ".single")

    async def _watch(self, page: InstrumentedPage) -> Load:
        rate = self._inputs.updates_per_s
        return await page.load("updates", rate, min(rate * WATCH_S, 10_000))

    def _keep(self, load: Load, suffix: str) -> None:
        samples = self.figures.samples
        samples.add(f"render_time{suffix}", *load.render_ms)
        samples.add(f"update_frequency{suffix}", *load.update_rates)

    async def leak(self) -> None:
        """The same load again and again: how much more the heap holds after each round."""
        held = []
        async with self._page(settled=False) as (page, _):
            for number in range(LEAK_WARM_UP + LEAK_ROUNDS + 1):
                await page.fill("mixed", LEAK_EVENTS, rate=1000)
                if number >= LEAK_WARM_UP:
                    held.append((await page.page.heap()).used_mb)
        growth = [later - earlier for earlier, later in pairwise(held)]
        self.figures.growth_mb = typical(growth)

    async def switches(self) -> None:
        """Pairs with and without batching, debouncing and the socket's batches, on one page, in mixed order."""
        async with self._page() as (page, connected):
            arms = [BATCHING.name, DEBOUNCING.name]
            if connected:
                arms.append(SOCKET.name)
            else:
                self.figures.refusals[SOCKET.name] = "the page is not connected"
            for arm, on in interleaved(arms, self._inputs.repetitions, self._inputs.seed):
                if arm not in self.figures.refusals:
                    await self._side(page, arm, on)

    async def _side(self, page: InstrumentedPage, arm: str, on: bool) -> None:
        await page.throw(**{**ALL_OFF, SWITCHES[arm]: on})
        try:
            self._pair(arm, on, await self._measure(page, arm))
        except CouldNotMeasure as problem:
            self.figures.refusals[arm] = str(problem)

    async def _measure(self, page: InstrumentedPage, arm: str) -> float:
        if arm == SOCKET.name:
            return await page.items_per_second()
        rate = self._inputs.updates_per_s
        load = await page.load("updates", rate, rate * PAIR_S)
        return (load.state_updates if arm == BATCHING.name else load.renders) / load.updates

    def _pair(self, arm: str, on: bool, value: float) -> None:
        self.figures.pairs.setdefault(arm, ([], []))[on].append(value)

    async def conversations(self) -> None:
        """The whole conversation in a new page each time, with and without memory management."""
        work = interleaved([MEMORY.name], self._inputs.repetitions, self._inputs.seed)
        samples = self.figures.samples
        for _, on in work:
            async with self._page(settled=False, memory=int(on)) as (page, _):
                await page.fill("messages", self._inputs.messages)
                heap = await page.page.heap()
            suffix = "" if on else ".unmanaged"
            samples.add(f"memory{suffix}", heap.used_mb)
            samples.add(f"document_memory{suffix}", heap.document_mb)
            samples.add(f"nodes{suffix}", heap.nodes)
            self._pair(MEMORY.name, on, heap.used_mb)
