"""Limits that a run must keep: ``sse.connect.p95_ms = 300``, judged on exact counts of the raw samples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction

from pulsegate.harness.errors import UsageError
from pulsegate.harness.figures.metrics import MEASURED
from pulsegate.harness.figures.totals import Totals
from pulsegate.harness.record import Measured

_SYNTAX = re.compile(
    r"(?P<metric>[a-z_]+(?:\.[a-z_]+)*)\.(?P<statistic>max|p[1-9]\d?|p999)(?:_(?:ms|s|MB|events|percent))?"
)
_COUNTS = {"connections.failed", "connections.dropped", "exchanges.failed", "heartbeats.missed"}


@dataclass(frozen=True, slots=True)
class Threshold:
    """One limit, in the metric's unit; `share` is that of samples that must keep it, None for a count."""

    key: str
    metric: str
    limit: float
    share: Fraction | None

    def problem(self, totals: Totals) -> str:
        """Why `totals` breaks it; empty while it is kept, or cannot be judged."""
        if self.share is None:
            found = _count(self.metric, totals)
            return f"{self.key} is {found}, over its limit of {self.limit:g}" if found > self.limit else ""
        tally = totals.tallies.get(self.metric)
        if tally is None or not tally.count or totals.mostly_spoiled(self.metric):
            return ""
        over = tally.over[tally.metric.limits.index(self.limit)]
        if over <= (1 - self.share) * tally.count:
            return ""
        figure = tally.histogram.percentiles(float(100 * self.share))[0] / 1000
        return f"{self.key} is {figure:.4g}, over its limit of {self.limit:g} ({over} of {tally.count} samples above)"


def thresholds(table: Mapping[str, float]) -> list[Threshold]:
    """The limits of a profile's ``[thresholds]``; UsageError for a name that is none."""
    return [_threshold(key, limit) for key, limit in table.items()]


def broken(limits: Iterable[Threshold], totals: Totals) -> list[str]:
    """A sentence for each limit that `totals` breaks."""
    return [problem for one in limits if (problem := one.problem(totals))]


def unmeasured(measured: Measured) -> list[str]:
    """A sentence for each limit that was neither kept nor broken: its metric has no sample, or lost most of them."""
    found = []
    for one in thresholds(measured.thresholds):
        if one.share is None:
            continue
        metric, lost = measured.metrics.get(one.metric), measured.spoiled.get(one.metric, 0)
        count = metric.count if metric is not None else 0
        if lost > count:
            found.append(
                f"{one.key} could not be judged: the generator was too late to know {lost} of {count + lost} samples"
            )
        elif not count:
            alike = get_close_matches(one.metric, measured.metrics, cutoff=0.5)
            hint = f" (there is {', '.join(alike)})" if alike else ""
            found.append(f"{one.key} could not be judged: {one.metric} was not measured{hint}")
    return found


def _threshold(key: str, limit: float) -> Threshold:
    if key in _COUNTS:
        return Threshold(key, key, limit, None)
    match = _SYNTAX.fullmatch(key)
    if match is None:
        counts = ", ".join(sorted(_COUNTS))
        raise UsageError(f"[thresholds] {key}: expected METRIC.p95_ms, METRIC.max_ms or the like, or one of {counts}")
    measured = match["metric"].rpartition(".")[2]
    if measured not in MEASURED:
        alike = get_close_matches(measured, MEASURED, n=1, cutoff=0.5)
        hint = f"; did you mean {alike[0]}?" if alike else f"; there are {', '.join(MEASURED)}"
        raise UsageError(f"[thresholds] {key}: nothing measures {measured}{hint}")
    return Threshold(key, match["metric"], limit, _share(match["statistic"]))


def _share(statistic: str) -> Fraction:
    if statistic == "max":
        return Fraction(1)
    return Fraction(999, 1000) if statistic == "p999" else Fraction(int(statistic[1:]), 100)


def _count(name: str, totals: Totals) -> int:
    sums = totals.counters
    return {
        "connections.failed": sums.refused,
        "connections.dropped": sums.dropped,
        "exchanges.failed": sums.failed,
        "heartbeats.missed": sums.missed,
    }[name]
