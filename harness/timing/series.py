"""One metric while it is measured, what a closed second of it holds, and what the seconds add up to.

Samples are integers, millionths of the metric's unit: nanoseconds where the unit is ms. Adding one only
appends it; all counting is done in one sweep when a second is closed. Bands and limits are counted on
these raw samples, so nothing is judged on a rounded figure.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pulsegate.harness.timing.bands import BandLimits, Shares
from pulsegate.harness.timing.histogram import Histogram, Summary

#: How many raw steps make one unit.
RAW_PER_UNIT = 1_000_000
#: A histogram counts thousandths of the unit.
_RAW_PER_STEP = 1_000
_STEPS_PER_UNIT = RAW_PER_UNIT // _RAW_PER_STEP


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured: its unit, its bands if it has any, and the limits whose excess is counted exactly."""

    unit: str
    bands: BandLimits | None = None
    limits: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """What one closed second adds to one metric. Plain values only, so that it travels as it is.

    `histogram` is encoded; `minimum` and `maximum` are raw and exact; `bands` counts excellent, good and
    degraded samples (empty without bands); `over` counts those above each limit.
    """

    histogram: str
    minimum: int
    maximum: int
    bands: tuple[int, ...] = ()
    over: tuple[int, ...] = ()


def _steps(raw: int) -> int:
    return (raw + _RAW_PER_STEP // 2) // _RAW_PER_STEP


class Series:
    """The samples of one metric in one process, since its last second was closed."""

    __slots__ = ("_pending", "add", "metric", "spoiled")

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self._pending = array("q")
        #: How many samples are missing because the generator was too late to know them.
        self.spoiled = 0
        #: Take one raw sample. The array's own append: this runs for every event.
        self.add: Callable[[int], None] = self._pending.append

    def discard(self) -> None:
        """Throw away what was added since the last call of `close`: it is missing, and counted so."""
        self.spoiled += len(self._pending)
        del self._pending[:]

    def close(self) -> Slice | None:
        """Everything added since the last call; None when nothing was."""
        if not self._pending:
            return None
        samples = sorted(self._pending)
        del self._pending[:]
        histogram = Histogram()
        histogram.extend_sorted(samples, _RAW_PER_STEP)
        return Slice(histogram.encode(), samples[0], samples[-1], self._bands(samples), self._over(samples))

    def _bands(self, samples: Sequence[int]) -> tuple[int, ...]:
        limits = self.metric.bands
        if limits is None:
            return ()
        excellent = bisect_left(samples, limits.excellent * RAW_PER_UNIT)
        up_to_good = bisect_right(samples, limits.good * RAW_PER_UNIT)
        return excellent, up_to_good - excellent, len(samples) - up_to_good

    def _over(self, samples: Sequence[int]) -> tuple[int, ...]:
        return tuple(len(samples) - bisect_right(samples, limit * RAW_PER_UNIT) for limit in self.metric.limits)


class Tally:
    """What slices of one metric, from any number of processes and in any order, add up to."""

    __slots__ = ("bands", "histogram", "maximum", "metric", "minimum", "over")

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self.histogram = Histogram()
        self.minimum: int | None = None
        self.maximum: int | None = None
        self.bands = [0, 0, 0] if metric.bands else []
        #: How many samples were above each of the metric's limits.
        self.over = [0] * len(metric.limits)

    def add(self, part: Slice) -> None:
        """Add one slice; RecordError when its histogram is damaged, ValueError when it is of another metric."""
        extremes = {"minimum": _steps(part.minimum), "maximum": _steps(part.maximum)}
        self.histogram.merge(Histogram.decode(part.histogram, **extremes))
        self.minimum = part.minimum if self.minimum is None else min(self.minimum, part.minimum)
        self.maximum = part.maximum if self.maximum is None else max(self.maximum, part.maximum)
        self.bands = [ours + theirs for ours, theirs in zip(self.bands, part.bands, strict=True)]
        self.over = [ours + theirs for ours, theirs in zip(self.over, part.over, strict=True)]

    def whole(self) -> Slice:
        """Everything added, as one slice; ValueError when nothing was."""
        if self.minimum is None or self.maximum is None:
            raise ValueError("nothing was added")
        return Slice(self.histogram.encode(), self.minimum, self.maximum, tuple(self.bands), tuple(self.over))

    @property
    def count(self) -> int:
        """How many samples were added."""
        return self.histogram.count

    def summary(self) -> Summary:
        """Count, extremes and percentiles in the metric's unit; ValueError when nothing was added."""
        percentiles = self.histogram.percentiles(50, 90, 95, 99, 99.9)
        assert self.minimum is not None
        assert self.maximum is not None
        smallest, largest = self.minimum / RAW_PER_UNIT, self.maximum / RAW_PER_UNIT
        p50, p90, p95, p99, p999 = (min(max(value / _STEPS_PER_UNIT, smallest), largest) for value in percentiles)
        return Summary(self.count, smallest, p50, p90, p95, p99, p999, largest)

    @property
    def shares(self) -> Shares | None:
        """The share of samples in each band; None without bands or samples."""
        total = sum(self.bands)
        return Shares(*(count / total for count in self.bands)) if total else None
