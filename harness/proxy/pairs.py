"""What one way adds to a time that another takes, from measurements made in pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from pulsegate.harness.record import Added, Estimate

#: The normal quantile of a two-sided 95 % interval.
_Z = 1.96
#: With fewer pairs the interval is the whole range.
_FEWEST = 6


def hodges_lehmann(differences: Sequence[float]) -> Estimate:
    """The typical one of `differences` (at least one), with its 95 % interval.

    The median of all means of two (Hodges and Lehmann 1963): a stray pair moves it little, and its
    interval, from the signed-rank distribution, assumes symmetry and nothing else.
    """
    count = len(differences)
    means = sorted((differences[i] + differences[j]) / 2 for i in range(count) for j in range(i, count))
    value = median(means)
    if count < _FEWEST:
        return Estimate(value=value, low=min(differences), high=max(differences))
    centre = count * (count + 1) / 4
    spread = math.sqrt(count * (count + 1) * (2 * count + 1) / 24)
    rank = max(0, math.floor(centre - _Z * spread))
    return Estimate(value=value, low=means[rank], high=means[-1 - rank])


def added(direct: Sequence[float], through: Sequence[float], unit: str = "ms") -> Added:
    """What `through` adds to `direct`; item by item they are pairs, and all are above 0.

    The ratio is the typical one of the pairs' ratios, not of the medians.
    """
    pairs = list(zip(direct, through, strict=True))
    logs = hodges_lehmann([math.log(b / a) for a, b in pairs])
    return Added(
        unit=unit,
        pairs=len(pairs),
        direct=median(direct),
        through=median(through),
        difference=hodges_lehmann([b - a for a, b in pairs]),
        ratio=Estimate(value=math.exp(logs.value), low=math.exp(logs.low), high=math.exp(logs.high)),
    )
