"""Pairs of runs with figures that are made up, at a level and with a scatter that a test chooses."""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from random import Random

import pytest

from pulsegate.harness.record.comparison import Pair, RunFigures

#: Plausible figures of one run.
USUAL = {
    "first_token_p50": 80.0,
    "first_token_p95": 160.0,
    "token_gap_p95": 55.0,
    "memory_per_connection": 40.0,
    "connect_p95": 12.0,
    "heartbeat_jitter": 8.0,
}


@pytest.fixture
def usual() -> dict[str, float]:
    """Plausible figures of one run."""
    return dict(USUAL)


@pytest.fixture
def make_pairs() -> Callable[..., list[Pair]]:
    """Make so many pairs: runs scatter by `scatter`, their machine by `machine`, and B is worse as `worse` says."""

    def make(
        count: int,
        random: Random,
        *,
        scatter: float = 0.04,
        machine: float = 0.10,
        worse: dict[str, float] | None = None,
    ) -> list[Pair]:
        pairs = []
        for _ in range(count):
            busy = random.gauss(0, machine)
            runs = [
                {name: value * exp(busy + random.gauss(0, scatter)) for name, value in USUAL.items()} for _ in range(2)
            ]
            for name, share in (worse or {}).items():
                runs[1][name] *= 1 + share
            pairs.append(Pair(order="ab", a=RunFigures(figures=runs[0]), b=RunFigures(figures=runs[1])))
        return pairs

    return make
