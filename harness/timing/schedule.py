"""When requests of an open loop are due: decided before the run, so that a slow target cannot slow them down."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Literal

Arrivals = Literal["poisson", "constant"]


def due_times(rate: float, random: Random, arrivals: Arrivals = "poisson") -> Iterator[float]:
    """Endless moments, in seconds from the beginning, at `rate` per second.

    Poisson arrivals are independent of each other, so the streams of several users add up to one of
    the summed rate; constant ones begin at a random phase. Raises ValueError unless `rate` is above 0.
    """
    if not rate > 0:
        raise ValueError(f"a rate must be above 0, not {rate}")
    moment = random.random() / rate if arrivals == "constant" else random.expovariate(rate)
    while True:
        yield moment
        moment += 1 / rate if arrivals == "constant" else random.expovariate(rate)
