"""Observations that several cases share: made once, awaited by all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from pulsegate.harness.contract.outcomes import Findings

Make = Callable[[], Awaitable[Any]]

#: Where an observation's own findings go while it is being made, instead of to the case that asked first.
OBSERVING: ContextVar[Findings | None] = ContextVar("pulsegate_observing", default=None)


@dataclass(slots=True)
class _Observation:
    task: asyncio.Task[Any]
    began_s: float
    findings: Findings = field(default_factory=Findings)
    took_s: float = 0.0

    def end(self) -> None:
        """Note how long it took."""
        self.took_s = time.monotonic() - self.began_s


class Observations:
    """The shared observations of one round over all cases; used in one asyncio loop only."""

    def __init__(self) -> None:
        self._made: dict[str, _Observation] = {}
        self._named: dict[str, Make] = {}

    def name(self, key: str, make: Make) -> None:
        """Let `key` be asked for without saying how it is made."""
        self._named[key] = make

    def start(self, key: str, make: Make | None = None) -> None:
        """Begin to make `key` unless that has begun. KeyError when nobody said how."""
        if key in self._made:
            return
        findings = Findings()
        task = asyncio.ensure_future(_observe(make or self._named[key], findings))
        task.add_done_callback(_mark_retrieved)
        observation = self._made[key] = _Observation(task, time.monotonic(), findings)
        task.add_done_callback(lambda _: observation.end())

    async def get(self, key: str, findings: Findings, make: Make | None = None) -> Any:
        """The observation `key`, made first if need be; what it found is added to `findings`.

        Raises what making it raised, to every caller. A caller that gives up does not disturb it.
        """
        self.start(key, make)
        observation = self._made[key]
        try:
            await asyncio.wait([observation.task])
        finally:
            findings.add(observation.findings)
        if observation.task.cancelled():
            raise RuntimeError(f"the observation {key} was given up")
        return observation.task.result()

    def took_s(self, key: str) -> float:
        """How long the observation `key` took, in seconds; 0 while it is being made."""
        return self._made[key].took_s if key in self._made else 0.0

    async def give_up(self) -> None:
        """Cancel what is still being made, and wait for its clean-up."""
        tasks = [observation.task for observation in self._made.values() if not observation.task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _observe(make: Make, findings: Findings) -> Any:
    OBSERVING.set(findings)
    return await make()


def _mark_retrieved(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()
