"""One build against a stored record: the same quantities, with the doubt that two sessions bring with them.

Runs of one session agree with each other more than with those of another day: within pairs that doubt
cancels out, here it does not. It is measured where a history is at hand, and else taken as it is known to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log1p, sqrt
from statistics import fmean, stdev, variance

from pulsegate.harness.errors import RecordError
from pulsegate.harness.gate.comparing import allowed, change, overall, scaled, sentence
from pulsegate.harness.gate.history import FEWEST_SESSIONS, change_points
from pulsegate.harness.gate.quantities import FEWEST_RUNS, QUANTITIES, Quantity, why_missing
from pulsegate.harness.gate.sequential import BOUNDARY, PASS_LEVEL
from pulsegate.harness.machine import differences
from pulsegate.harness.record import Measured, RunRecord
from pulsegate.harness.record.comparison import Compared, ComparedBuild, Comparison, Repeated, RunFigures
from pulsegate.harness.statistics.distributions import t_quantile, t_tail
from pulsegate.harness.statistics.paired import Granted, holm

#: How far sessions on one machine scatter where no history says it: their standard deviation, as a share.
USUAL_SESSION_SCATTER = 0.10
#: A band has degraded when more than this share of the samples has.
DEGRADED_SHARE = 0.05
#: Degrees of freedom of what is taken as known.
_KNOWN = 1e6


def baseline_of(record: RunRecord, where: str) -> Repeated:
    """What a record stored as a baseline; RecordError when it has none, or figures that no run can have."""
    if record.repeated is None:
        raise RecordError(
            f"{where}: at repeated: this record is no baseline; `pulsegate gate --save-baseline` writes one"
        )
    for number, run in enumerate(record.repeated.runs):
        for name, value in run.figures.items():
            if not 0 <= value < inf:
                raise RecordError(f"{where}: at repeated.runs.{number}.figures.{name}: {value} is no measured figure")
    return record.repeated


@dataclass(frozen=True, slots=True)
class Sessions:
    """What is known of a build's past: the baseline, and older sessions of the same machine, the oldest first."""

    baseline: RunRecord
    name: str
    older: Sequence[RunRecord] = ()


def compare_stored(ours: RunRecord, sessions: Sessions, decides: Sequence[str]) -> Comparison:
    """The repeated runs of `ours` against a stored baseline; on another machine timing is shown and does not decide.

    `ours` and the baseline have repeated runs.
    """
    assert ours.repeated is not None
    repeated = baseline_of(sessions.baseline, sessions.name)
    elsewhere = differences(ours.environment, sessions.baseline.environment)
    judging = [] if elsewhere else list(decides)
    runs = [run for run in ours.repeated.runs if not run.doubts]
    quantities = _quantities(runs, _sound(repeated), _levels(sessions), judging)
    broken = _counts(ours.repeated.runs) + worse_bands(ours, sessions.baseline)
    finding = overall(quantities, broken)
    said = sentence(finding, quantities, broken, f"{len(runs)} runs")
    if elsewhere and not broken:
        said = f"timing is advisory on another machine than the baseline's: {'; '.join(elsewhere)}"
    return Comparison(
        finding=finding,
        sentence=said,
        a=ComparedBuild(kind="record", what=f"{sessions.name} ({sessions.baseline.started_at:%Y-%m-%d %H:%M})"),
        b=ComparedBuild(kind="reference" if ours.target.reference else "url", what=ours.target.url),
        planned=ours.repeated.planned.model_copy(update={"decides": judging}),
        used=len(runs),
        quantities=quantities,
        missing={name: why_missing(name, runs, fresh=False) for name in decides if name not in quantities},
        broken=broken,
        remarks=_steps(sessions),
    )


def _sound(repeated: Repeated) -> list[RunFigures]:
    return [run for run in repeated.runs if not run.doubts]


def _counts(runs: Sequence[RunFigures]) -> list[str]:
    sums: dict[str, int] = {}
    for run in runs:
        for name, count in run.counts.items():
            sums[name] = sums.get(name, 0) + count
    return [f"{count} {name}" for name, count in sums.items()]


def worse_bands(ours: Measured, theirs: Measured) -> list[str]:
    """A sentence for each metric whose samples have degraded since the baseline, whatever the machine."""
    found = []
    for name, metric in ours.metrics.items():
        before = theirs.metrics.get(name)
        if metric.bands is None or before is None or before.bands is None:
            continue
        if metric.bands.degraded > DEGRADED_SHARE >= before.bands.degraded:
            shares = f"{100 * metric.bands.degraded:.0f} % of the samples have, {100 * before.bands.degraded:.0f} % had"
            found.append(f"{name} has degraded: {shares}")
    return found


def _values(quantity: Quantity, runs: Sequence[RunFigures]) -> list[float]:
    return [scaled(quantity, run.figures[quantity.name]) for run in runs if quantity.name in run.figures]


def _levels(sessions: Sessions) -> dict[str, list[float]]:
    """By quantity, the level of each session of the same machine since the last believed change."""
    found = {}
    for quantity in QUANTITIES.values():
        series = _series(quantity, sessions)
        changes = change_points(series)
        found[quantity.name] = series[changes[-1].index :] if changes else series
    return found


def _series(quantity: Quantity, sessions: Sessions) -> list[float]:
    records = sorted([*sessions.older, sessions.baseline], key=lambda record: record.started_at)
    means = []
    for record in records:
        values = _values(quantity, _sound(record.repeated)) if record.repeated is not None else []
        if values and not differences(record.environment, sessions.baseline.environment):
            means.append(fmean(values))
    return means


def _steps(sessions: Sessions) -> list[str]:
    """A sentence for each change in the history: advisory, for it says nothing of the build at hand."""
    found = []
    for quantity in QUANTITIES.values():
        series = _series(quantity, sessions)
        for one in change_points(series):
            levels = f"{exp(one.before):.4g} to {exp(one.after):.4g} {quantity.unit}"
            share = 100 * (exp(one.after - one.before) - 1)
            found.append(f"{quantity.title} changed {len(series) - one.index} sessions ago: {levels} ({share:+.0f} %)")
    return found


@dataclass(frozen=True, slots=True)
class _Against:
    """One quantity: how far the build at hand lies from the past, and how sure that is."""

    quantity: Quantity
    a: float
    b: float
    error: float
    degrees: float
    scatter: float
    runs: int

    @property
    def margin(self) -> float:
        return allowed(self.quantity, exp(self.a))

    @property
    def p_worse(self) -> float:
        return t_tail((self.b - self.a - self.margin) / self.error, self.degrees)


def _quantities(
    ours: Sequence[RunFigures],
    theirs: Sequence[RunFigures],
    levels: dict[str, list[float]],
    decides: Sequence[str],
) -> dict[str, Compared]:
    found = {
        name: against
        for name, quantity in QUANTITIES.items()
        if (against := _against(quantity, _values(quantity, ours), _values(quantity, theirs), levels[name])) is not None
    }
    granted = holm({name: one.p_worse for name, one in found.items() if name in decides}, BOUNDARY)
    return {
        name: _compared(one, granted.get(name, Granted(BOUNDARY, rejected=False)), name in granted)
        for name, one in found.items()
    }


def _against(
    quantity: Quantity, ours: Sequence[float], theirs: Sequence[float], levels: Sequence[float]
) -> _Against | None:
    if min(len(ours), len(theirs)) < FEWEST_RUNS:
        return None
    scatter = stdev(ours)
    if len(levels) >= FEWEST_SESSIONS:
        error = max(stdev(levels), 1e-6) * sqrt(1 + 1 / len(levels))
        return _Against(quantity, fmean(levels), fmean(ours), error, len(levels) - 1, scatter, len(ours))
    parts = [
        (variance(ours) / len(ours), len(ours) - 1),
        (variance(theirs) / len(theirs), len(theirs) - 1),
        (2 * log1p(USUAL_SESSION_SCATTER) ** 2, _KNOWN),
    ]
    total = sum(part for part, _ in parts)
    degrees = total**2 / sum(part**2 / freedom for part, freedom in parts)  # Welch and Satterthwaite
    return _Against(quantity, fmean(theirs), fmean(ours), sqrt(total), degrees, scatter, len(ours))


def _compared(one: _Against, granted: Granted, decides: bool) -> Compared:
    difference = one.b - one.a
    low = difference - t_quantile(granted.level, one.degrees) * one.error
    high = difference + t_quantile(PASS_LEVEL, one.degrees) * one.error
    worse = one.p_worse <= granted.level and (granted.rejected or not decides)
    seen = one.margin + (t_quantile(granted.level, one.degrees) + t_quantile(0.2, one.degrees)) * one.error
    return Compared(
        title=one.quantity.title,
        unit=one.quantity.unit,
        decides=decides,
        finding="worse" if worse else "held" if high < one.margin else "open",
        runs=one.runs,
        a=exp(one.a),
        b=exp(one.b),
        change=change(difference, low, high),
        allowed=exp(one.margin) - 1,
        p_worse=one.p_worse,
        level=granted.level,
        scatter=one.scatter,
        smallest_effect=exp(seen) - 1,
    )
