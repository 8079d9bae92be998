"""Observations are made once and reach everybody who asks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from pulsegate.harness.contract.outcomes import Findings, NotMeasured
from pulsegate.harness.contract.shared import OBSERVING, Observations
from pulsegate.harness.record import Exchange


class Maker:
    """Counts how often it makes; waits for `go`."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.go = asyncio.Event()
        self.calls = 0
        self.problem = problem
        self.cancelled = False

    async def __call__(self) -> str:
        self.calls += 1
        findings = OBSERVING.get()
        assert findings is not None
        findings.exchanges.append(Exchange(kind="http", method="GET", url="u", started_at=datetime.now(UTC)))
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if self.problem is not None:
            raise self.problem
        return "seen"


async def test_concurrent_callers_get_one_observation() -> None:
    """It is made once, whoever asks first."""
    observations, make = Observations(), Maker()
    callers = [asyncio.ensure_future(observations.get("key", Findings(), make)) for _ in range(3)]
    await asyncio.sleep(0)
    make.go.set()

    assert await asyncio.gather(*callers) == ["seen"] * 3
    assert make.calls == 1


async def test_every_caller_gets_the_evidence() -> None:
    """An exchange of the observation is evidence of each clause that rests on it."""
    observations, make = Observations(), Maker()
    make.go.set()
    first, second = Findings(), Findings()
    await observations.get("key", first, make)
    await observations.get("key", second, make)

    assert len(first.exchanges) == len(second.exchanges) == 1


async def test_a_failure_reaches_every_caller_with_its_evidence() -> None:
    """What making raised is raised to all, now and later."""
    observations, make = Observations(), Maker(NotMeasured("no trigger"))
    make.go.set()
    for _ in range(2):
        findings = Findings()
        with pytest.raises(NotMeasured, match="no trigger"):
            await observations.get("key", findings, make)
        assert len(findings.exchanges) == 1


async def test_a_caller_that_gives_up_does_not_end_the_observation() -> None:
    """The others still get it."""
    observations, make = Observations(), Maker()
    hasty = asyncio.ensure_future(observations.get("key", Findings(), make))
    patient = asyncio.ensure_future(observations.get("key", Findings(), make))
    await asyncio.sleep(0)
    hasty.cancel()
    await asyncio.wait([hasty])
    make.go.set()

    assert await patient == "seen"


async def test_a_named_observation_is_started_ahead() -> None:
    """A case asks by name only."""
    observations, make = Observations(), Maker()
    observations.name("heartbeats", make)
    observations.start("heartbeats")
    make.go.set()

    assert await observations.get("heartbeats", Findings()) == "seen"
    assert make.calls == 1


async def test_an_unknown_name_is_an_error() -> None:
    """Nobody said how to make it."""
    with pytest.raises(KeyError):
        await Observations().get("heartbeats", Findings())


async def test_what_nobody_waits_for_is_given_up() -> None:
    """The end of a run leaves nothing behind."""
    observations, make = Observations(), Maker()
    observations.start("heartbeats", make)
    await asyncio.sleep(0)
    await observations.give_up()

    assert make.cancelled


async def test_an_observation_may_rest_on_another() -> None:
    """The inner one's exchanges become evidence of the outer one's callers."""
    observations, inner = Observations(), Maker()
    inner.go.set()

    async def outer() -> str:
        findings = OBSERVING.get()
        assert findings is not None
        return await observations.get("inner", findings, inner)

    findings = Findings()

    assert await observations.get("outer", findings, outer) == "seen"
    assert len(findings.exchanges) == 1
