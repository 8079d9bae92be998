"""Clients that keep their connection: they come back by `timing.reconnect`, and say how they fare.

`ManagedClient` is what the event stream (`managed_stream`) and the WebSocket (`managed_socket`) have in
common. Within ``async with`` it connects and stays connected; leaving it leaves nothing running. Times are
those of the event loop's clock, but for arrivals, which are receive stamps.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Self

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.clients.waiting import Changes
from pulsegate.harness.errors import PeerError, TimedOut
from pulsegate.harness.timing.agents import Agents, AgentStatus
from pulsegate.harness.timing.bands import DOCUMENTED_BANDS
from pulsegate.harness.timing.idle import Idle, StreamClocks
from pulsegate.harness.timing.reconnect import Backoff, GiveUp, Reconnector, State, asked_pause_s, final_answer

#: Without a byte for so many intervals a connection is taken for dead, and made anew.
DEAD_INTERVALS = 3.0
#: As many changes of state are remembered.
_MOST_CHANGES = 1_000


@dataclass(frozen=True, slots=True)
class Policy:
    """How a client behaves: when it comes back, how long an answer may take, and how often it is to hear something."""

    backoff: Backoff = field(default_factory=Backoff)
    timeout_s: float = 15.0
    interval_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a connection, or an attempt, is over; `asked_s` is what the server asked to wait."""

    reason: str
    asked_s: float = 0.0
    final: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A change of state, when it was (the loop's clock, seconds), and why."""

    state: State
    at_s: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """How a client fares; `troubles` is empty while all is well, else sentences."""

    state: State
    latency_ms: float | None
    band: str
    idle: Idle
    retries: int
    troubles: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        """Whether there is no trouble."""
        return not self.troubles


class ManagedClient(ABC):
    """A connection that is made again whenever it is lost, until it fails for good or is closed."""

    def __init__(
        self, request: Request, options: ConnectOptions, masker: Masker, policy: Policy | None = None,
        random: Random | None = None,
    ) -> None:  # fmt: skip
        self.policy = policy or Policy()
        self._request = request
        self._options = options
        self._masker = masker
        self._random = random or Random()  # noqa: S311 - spreads waits, guards nothing
        self._reconnector = Reconnector(self.policy.backoff, self._random)
        self._tasks: list[asyncio.Task[None]] = []
        self._defect: BaseException | None = None
        self.clocks: StreamClocks | None = None
        self.changes = Changes()
        #: The changes of state so far, the latest last.
        self.history: deque[Change] = deque(maxlen=_MOST_CHANGES)
        self.agents = Agents()
        #: The latest latency; None before it is known.
        self.latency_ms: float | None = None
        #: Connections that were established, and attempts after the first.
        self.connections = self.retries = 0

    async def __aenter__(self) -> Self:
        self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect()
        if self._defect is not None:
            raise self._defect

    @property
    def state(self) -> State:
        """Where it stands."""
        return self._reconnector.state

    @property
    def reason(self) -> str:
        """Why it is not connected; empty while it is."""
        return self._reconnector.reason

    @property
    def is_connected(self) -> bool:
        """Whether it is connected now."""
        return self.state is State.CONNECTED

    def connect(self) -> None:
        """Begin, or begin anew after it failed or was disconnected; nothing happens while it runs."""
        if any(not task.done() for task in self._tasks):
            return
        self._reconnector = Reconnector(self.policy.backoff, self._random)
        self._note()
        self._tasks = [asyncio.create_task(self._guard(one)) for one in self._work()]

    async def disconnect(self) -> None:
        """Close the connection, and stop coming back: it has failed, by its own wish."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.state is not State.FAILED:
            self._reconnector.stop("disconnected")
            self._note()

    async def until(self, *states: State, timeout_s: float) -> State:
        """Wait for one of `states`; TimedOut says where it stands instead."""
        reached = await self.changes.until(lambda: self.state in states or self._defect is not None, timeout_s)
        if self._defect is not None:
            raise self._defect
        if not reached:
            wanted = " or ".join(states)
            why = f" ({self.reason})" if self.reason else ""
            raise TimedOut(f"the client was not {wanted} within {timeout_s:g} s: it is {self.state}{why}")
        return self.state

    def agent(self, agent_id: str) -> AgentStatus | None:
        """What was last told of an agent."""
        return self.agents.get(agent_id)

    def health(self) -> Health:
        """How it fares now."""
        clocks = self.clocks
        idle = clocks.state(time.time_ns()) if clocks is not None and self.is_connected else Idle.ALIVE
        band = latency_band(self.latency_ms)
        troubles = [f"{self.state}: {self.reason or 'not connected yet'}"] if not self.is_connected else []
        if idle is Idle.STALLED:
            troubles.append("the producer has stalled: the connection lives, but no data comes")
        elif idle is Idle.SILENT:
            troubles.append("nothing comes, not even a heartbeat")
        if band == "degraded":
            troubles.append(f"the latency of {self.latency_ms:.0f} ms is degraded")
        return Health(self.state, self.latency_ms, band, idle, self.retries, tuple(troubles))

    @abstractmethod
    async def _converse(self) -> Ending:
        """Make one connection, serve it to its end, and say how it ended; a PeerError is an end too."""

    def _work(self) -> list[Callable[[], Awaitable[None]]]:
        """What runs while the client lives."""
        return [self._keep_connected]

    async def _guard(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as defect:  # told to whoever waits, and at the end
            self._defect = defect
            self.changes.notify()

    async def _keep_connected(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                ending = await self._converse()
            except PeerError as problem:
                ending = Ending(str(problem))
            decision = self._reconnector.ended(loop.time(), ending.reason, asked_s=ending.asked_s, final=ending.final)
            self._note()
            if isinstance(decision, GiveUp):
                return
            await asyncio.sleep(decision.wait_s)
            self.retries += 1

    def _established(self) -> None:
        self.connections += 1
        self._reconnector.connected(asyncio.get_running_loop().time())
        self.clocks = StreamClocks(round(self.policy.interval_s * 1e9), time.time_ns())
        self._note()

    def _note(self) -> None:
        if not self.history or (self.state, self.reason) != (self.history[-1].state, self.history[-1].reason):
            self.history.append(Change(self.state, asyncio.get_running_loop().time(), self.reason))
        self.changes.notify()

    @property
    def _dead_s(self) -> float:
        return DEAD_INTERVALS * self.policy.interval_s


def refused(status: int, headers: Headers, sentence: str) -> Ending:
    """The end of an attempt that was answered `status`, with what Retry-After asked for."""
    asked_s = asked_pause_s(headers.get("retry-after") or "", time.time())
    if status == 204:
        sentence = "the server answered 204: do not come back"
    return Ending(sentence, asked_s or 0.0, final=final_answer(status))


def latency_band(latency_ms: float | None) -> str:
    """The documented band of a connection's latency; empty while there is none."""
    if latency_ms is None:
        return ""
    limits = DOCUMENTED_BANDS["connection_latency"]
    if latency_ms < limits.excellent:
        return "excellent"
    return "good" if latency_ms <= limits.good else "degraded"
