"""What one way adds to a time that another takes, from measurements made in pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from pulsegate.harness.record import Added, Estimate
from pulsegate.harness.statistics.paired import hodges_lehmann, hodges_lehmann_bounds


def typical(differences: Sequence[float]) -> Estimate:
    """The typical one of `differences` (at least one), with its 95 % interval; the whole range when there are too few.

    By Hodges and Lehmann: a stray pair moves it little, and its interval assumes symmetry and nothing else.
    """
    low, high = hodges_lehmann_bounds(differences, 0.025)
    if math.isinf(low):
        low, high = min(differences), max(differences)
    return Estimate(value=hodges_lehmann(differences), low=low, high=high)


def added(direct: Sequence[float], through: Sequence[float], unit: str = "ms") -> Added:
    """What `through` adds to `direct`; item by item they are pairs, and all are above 0.

    The ratio is the typical one of the pairs' ratios, not of the medians.
    """
    pairs = list(zip(direct, through, strict=True))
    logs = typical([math.log(b / a) for a, b in pairs])
    return Added(
        unit=unit,
        pairs=len(pairs),
        direct=median(direct),
        through=median(through),
        difference=typical([b - a for a, b in pairs]),
        ratio=Estimate(value=math.exp(logs.value), low=math.exp(logs.low), high=math.exp(logs.high)),
    )
