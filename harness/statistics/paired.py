"""What pairs of runs say: bounds, p-values and estimates of paired differences. Numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf, sqrt
from statistics import fmean, median, stdev

from pulsegate.harness.statistics.distributions import t_quantile, t_tail


@dataclass(frozen=True, slots=True)
class Paired:
    """The mean of paired differences, and how far they scatter (sample standard deviation)."""

    count: int
    mean: float
    scatter: float

    @classmethod
    def of(cls, differences: Sequence[float]) -> Paired:
        """ValueError for fewer than two: one difference says nothing of its scatter."""
        return cls(len(differences), fmean(differences), stdev(differences))

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return self.scatter / sqrt(self.count)

    def lower(self, alpha: float) -> float:
        """The one-sided lower bound: the true mean is below it with probability `alpha` at most."""
        return self.mean - t_quantile(alpha, self.count - 1) * self.error

    def upper(self, alpha: float) -> float:
        """The one-sided upper bound."""
        return self.mean + t_quantile(alpha, self.count - 1) * self.error

    def p_above(self, margin: float) -> float:
        """How likely a mean so far above `margin` is, were the true one not above it (one-sided t)."""
        return _p(self.mean - margin, self.error, self.count - 1)

    def p_below(self, margin: float) -> float:
        """How likely a mean so far below `margin` is, were the true one not below it."""
        return _p(margin - self.mean, self.error, self.count - 1)


def _p(distance: float, error: float, degrees: int) -> float:
    if error == 0:
        return 0.5 if distance == 0 else float(distance < 0)
    return t_tail(distance / error, degrees)


def signed_rank_p(differences: Sequence[float], margin: float = 0.0) -> float:
    """Wilcoxon's signed-rank test, exact and one-sided: how likely so many differences lie so far above `margin`.

    By its permutation distribution, so that ties are no approximation; differences equal to `margin` are left out.
    """
    shifted = [difference - margin for difference in differences if difference != margin]
    doubled = _doubled_ranks([abs(value) for value in shifted])
    seen = sum(rank for rank, value in zip(doubled, shifted, strict=True) if value > 0)
    ways = [1] + [0] * sum(doubled)
    reach = 0
    for rank in doubled:
        reach += rank
        for total in range(reach, rank - 1, -1):
            ways[total] += ways[total - rank]
    return float(sum(ways[seen:]) / 2 ** len(shifted))


def _doubled_ranks(sizes: Sequence[float]) -> list[int]:
    """Twice the mid-rank of each, so that ties stay whole numbers."""
    ordered = sorted(sizes)
    first = {size: index for index, size in reversed(list(enumerate(ordered)))}
    last = {size: index for index, size in enumerate(ordered)}
    return [first[size] + last[size] + 2 for size in sizes]


def hodges_lehmann(differences: Sequence[float]) -> float:
    """The median of all averages of two differences: the typical one, whatever a wild run says."""
    return median(_walsh_averages(differences))


def hodges_lehmann_bounds(differences: Sequence[float], alpha: float) -> tuple[float, float]:
    """One-sided lower and upper bounds of the typical difference, each at `alpha`, by inverting the signed-rank test.

    Infinite where there are too few differences for that.
    """
    averages = _walsh_averages(differences)
    kept = _critical_rank(len(differences), alpha)
    return (averages[kept - 1], averages[-kept]) if kept else (-inf, inf)


def _walsh_averages(differences: Sequence[float]) -> list[float]:
    return sorted((one + other) / 2 for index, one in enumerate(differences) for other in differences[index:])


@lru_cache(maxsize=256)
def _critical_rank(count: int, alpha: float) -> int:
    """The largest number of averages at one end that can be left out, so that the rest covers with 1 - `alpha`."""
    ways = [1] + [0] * (count * (count + 1) // 2)
    for rank in range(1, count + 1):
        for total in range(len(ways) - 1, rank - 1, -1):
            ways[total] += ways[total - rank]
    below, kept = 0, 0
    for total, number in enumerate(ways):
        below += number
        if below > alpha * 2**count:
            break
        kept = total + 1
    return kept


@dataclass(frozen=True, slots=True)
class Granted:
    """The level that a hypothesis was held against, and whether it was rejected."""

    level: float
    rejected: bool


def holm(p_values: Mapping[str, float], alpha: float) -> dict[str, Granted]:
    """Holm's procedure: the smallest p-value has the strictest level, and what follows a kept hypothesis is kept.

    The chance of rejecting any true one is at most `alpha`, however they depend on each other.
    """
    found: dict[str, Granted] = {}
    kept = 0
    for index, name in enumerate(sorted(p_values, key=lambda one: p_values[one])):
        level = alpha / (len(p_values) - (kept or index + 1) + 1)
        rejected = not kept and p_values[name] <= level
        kept = kept or (0 if rejected else index + 1)
        found[name] = Granted(level, rejected)
    return found
