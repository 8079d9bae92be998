"""Pages that count their own updates and renders, as the bundled server's does: `window.pulsegate` in its README."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pulsegate.harness.browser.page import OpenPage
from pulsegate.harness.errors import CouldNotMeasure

#: A conversation is filled as fast as the server makes it up; what is timed has the rate that was asked for.
FILL_RATE = 5000
AGENTS = 8
#: How long the page may take to be connected, and the run it opens with to end, in seconds.
CONNECT_LIMIT_S = 10.0
RUN_LIMIT_S = 20.0
#: How much longer than planned a load may take, in seconds.
LOAD_PATIENCE_S = 30.0
SOCKET_ITEMS = 2000

IS_INSTRUMENTED = "() => typeof window.pulsegate?.counters === 'function'"
_CONNECTED = "() => window.pulsegate?.counters().status === 'open'"
_RUN_ENDED = "() => document.querySelector('#run-percent')?.textContent === '100 %'"
_LOAD = """async (options) => {
  pulsegate.flush();
  pulsegate.reset();
  pulsegateProbe.start();
  const rates = [];
  let [before, at] = [0, performance.now()];
  const timer = setInterval(() => {
    const [count, now] = [pulsegate.counters().stateUpdates, performance.now()];
    rates.push(((count - before) * 1000) / (now - at));
    [before, at] = [count, now];
  }, 1000);
  const outcome = await pulsegate.load(options);
  clearInterval(timer);
  pulsegate.flush();
  return {
    outcome, rates, probe: pulsegateProbe.stop(), counters: pulsegate.counters(), renderMs: pulsegate.renderMs(),
  };
}"""
_FILL = """async (options) => {
  const outcome = await pulsegate.load(options);
  pulsegate.flush();
  return outcome;
}"""


@dataclass(frozen=True, slots=True)
class Load:
    """What one load came to. Durations in ms; `update_rates` are state updates a second, one for each whole second."""

    updates: int
    state_updates: int
    renders: int
    render_ms: Sequence[float]
    update_rates: Sequence[float]
    frames_ms: Sequence[float]
    long_tasks_ms: Sequence[float]
    duration_s: float


@dataclass
class Samples:
    """Everything measured so far, by the metric's name; whatever ends a run, this is kept."""

    by_metric: dict[str, list[float]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, metric: str, *samples: float) -> None:
        """Add samples of one metric."""
        self.by_metric.setdefault(metric, []).extend(samples)

    def count(self, name: str, more: int) -> None:
        """Count something."""
        self.counts[name] = self.counts.get(name, 0) + more


def with_parameters(url: str, **parameters: object) -> str:
    """`url` with further query parameters, or other values of those it has."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | {name: str(one) for name, one in parameters.items()}
    return urlunsplit(parts._replace(query=urlencode(query)))


class InstrumentedPage:
    """An opened page with `window.pulsegate`."""

    def __init__(self, page: OpenPage) -> None:
        self.page = page

    async def connected(self) -> bool:
        """Wait until all of its connections are there; whether they are. CouldNotMeasure without the page's scripts."""
        if await self.page.until(_CONNECTED, CONNECT_LIMIT_S):
            return True
        if not await self.page.run(IS_INSTRUMENTED):
            reason = next(reversed(self.page.network.problems), "the browser gives no reason")
            raise CouldNotMeasure(f"the page came without its scripts: {reason}")
        return False

    async def settle(self) -> bool:
        """Wait until it is connected and the run that it opens with is over; whether it is connected."""
        if not await self.connected():
            return False
        await self.page.until(_RUN_ENDED, RUN_LIMIT_S)
        return True

    async def throw(self, **switches: bool) -> None:
        """Throw switches: batching, debouncing, memory, socket."""
        for name, on in switches.items():
            await self.page.run("([name, on]) => pulsegate.set(name, on)", [name, on])

    async def load(self, kind: str, rate: int, count: int) -> Load:
        """`count` made-up events, `rate` a second; CouldNotMeasure when the page gets no or not all of them."""
        options = {"kind": kind, "rate": rate, "count": count, "agents": AGENTS}
        found = await self.page.run(_LOAD, options, limit_s=count / rate + LOAD_PATIENCE_S)
        _check(found["outcome"])
        counters, probe = found["counters"], found["probe"]
        return Load(
            updates=counters["updates"],
            state_updates=counters["stateUpdates"],
            renders=counters["renders"],
            render_ms=found["renderMs"],
            update_rates=found["rates"],
            frames_ms=probe["frames"],
            long_tasks_ms=probe["longTasks"],
            duration_s=probe["ms"] / 1000,
        )

    async def fill(self, kind: str, count: int, *, rate: int = FILL_RATE) -> None:
        """`count` made-up events as fast as they come, and all of them shown."""
        options = {"kind": kind, "rate": rate, "count": count, "agents": AGENTS}
        _check(await self.page.run(_FILL, options, limit_s=count / rate + LOAD_PATIENCE_S))

    async def items_per_second(self, items: int = SOCKET_ITEMS) -> float:
        """How many items a second go over the socket and back; CouldNotMeasure when the server refuses them."""
        script = (
            "items => pulsegate.throughput(items).then(({itemsPerSecond}) => itemsPerSecond, ({message}) => message)"
        )
        found: float | str = await self.page.run(script, items, limit_s=LOAD_PATIENCE_S)
        if isinstance(found, str):
            raise CouldNotMeasure(f"the socket's throughput was refused: {found}")
        return found

    async def round_trips_ms(self) -> list[float]:
        """How long the socket's heartbeats took there and back."""
        found: list[float] = await self.page.run("() => pulsegate.latencyMs()")
        return found

    async def established_ms(self) -> float | None:
        """When all of its connections were established, after the page was asked for."""
        found: float | None = await self.page.run("() => pulsegate.counters().connectedMs")
        return found


def _check(outcome: dict[str, Any]) -> None:
    if outcome["error"]:
        raise CouldNotMeasure(f"the page's load came to nothing: {outcome['error']}")
    if outcome["received"] != outcome["wanted"] or outcome["lost"]:
        raise CouldNotMeasure(
            f"the page got {outcome['received']} of {outcome['wanted']} events of its load, {outcome['lost']} were lost"
        )
