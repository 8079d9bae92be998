"""From the figures of runs to findings: one quantity at a time, then all that decide together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, isinf, log, log1p, sqrt
from statistics import fmean

from pulsegate.harness.gate.quantities import QUANTITIES, Quantity
from pulsegate.harness.gate.sequential import FEWEST_PAIRS, PASS_LEVEL, Look, smallest_effect
from pulsegate.harness.record.comparison import Change, Compared, Finding, Pair
from pulsegate.harness.statistics.paired import (
    Granted,
    Paired,
    hodges_lehmann,
    hodges_lehmann_bounds,
    holm,
    signed_rank_p,
)

#: The chance with which the smallest effect is said to be seen.
USUAL_POWER = 0.8


@dataclass(frozen=True, slots=True)
class _Sample:
    """One quantity over all pairs, as logarithms."""

    quantity: Quantity
    a: float
    b: float
    differences: list[float]

    @property
    def paired(self) -> Paired:
        return Paired.of(self.differences)

    @property
    def margin(self) -> float:
        """How much worse it may be, as a logarithm: the floor, or the absolute minimum where that is more."""
        return allowed(self.quantity, self.a)


def allowed(quantity: Quantity, level: float) -> float:
    """How much worse `quantity` may be at `level` (in its unit), as a difference of logarithms."""
    return max(log1p(quantity.floor), log1p(quantity.minimum / level))


def scaled(quantity: Quantity, value: float) -> float:
    """The logarithm of `value`; what is below the least that matters is not told apart."""
    return log(max(value, quantity.minimum))


def compare_pairs(pairs: Sequence[Pair], decides: Sequence[str], look: Look) -> dict[str, Compared]:
    """Every quantity that enough pairs have, judged as `look` demands. Left-out pairs are the caller's affair.

    A quantity is worse when its lower bound exceeds what is allowed, at the level that Holm's procedure
    over those in `decides` grants it; held when its upper bound does not; else open.
    """
    samples = {name: sample for name in QUANTITIES if (sample := _sample(QUANTITIES[name], pairs)) is not None}
    judged = {name: samples[name].paired.p_above(samples[name].margin) for name in samples if name in decides}
    granted = holm(judged, look.alpha)
    alone = {name: Granted(look.alpha, rejected=False) for name in samples}
    tests = max(1, len(judged))
    return {
        name: _compared(sample, (alone | granted)[name], look, tests if name in granted else 1, name in granted)
        for name, sample in samples.items()
    }


def _sample(quantity: Quantity, pairs: Sequence[Pair]) -> _Sample | None:
    both = [
        (scaled(quantity, pair.a.figures[quantity.name]), scaled(quantity, pair.b.figures[quantity.name]))
        for pair in pairs
        if quantity.name in pair.a.figures and quantity.name in pair.b.figures
    ]
    if len(both) < FEWEST_PAIRS:
        return None
    means = (exp(fmean(a for a, _ in both)), exp(fmean(b for _, b in both)))
    return _Sample(quantity, *means, [b - a for a, b in both])


def _compared(sample: _Sample, granted: Granted, look: Look, tests: int, decides: bool) -> Compared:
    paired, margin = sample.paired, sample.margin
    p_worse = paired.p_above(margin)
    scatter = paired.scatter / sqrt(2)
    typical = (
        hodges_lehmann_bounds(sample.differences, granted.level)[0],
        hodges_lehmann_bounds(sample.differences, PASS_LEVEL)[1],
    )
    return Compared(
        title=sample.quantity.title,
        unit=sample.quantity.unit,
        decides=decides,
        finding=_finding(
            worse=p_worse <= granted.level and (granted.rejected or not decides), held=paired.upper(PASS_LEVEL) < margin
        ),
        runs=paired.count,
        a=sample.a,
        b=sample.b,
        change=change(paired.mean, paired.lower(granted.level), paired.upper(PASS_LEVEL)),
        typical=change(hodges_lehmann(sample.differences), *typical),
        allowed=exp(margin) - 1,
        p_worse=p_worse,
        p_signed_rank=signed_rank_p(sample.differences, margin),
        level=granted.level,
        scatter=scatter,
        smallest_effect=smallest_effect(
            USUAL_POWER, margin=exp(margin) - 1, scatter=scatter, look=Look(paired.count, look.alpha), tests=tests
        ),
    )


def _finding(*, worse: bool, held: bool) -> Finding:
    if worse:
        return "worse"
    return "held" if held else "open"


def change(value: float, low: float, high: float) -> Change:
    """Differences of logarithms as shares."""
    low_share, high_share = (None if isinf(bound) else exp(min(bound, 700.0)) - 1 for bound in (low, high))
    return Change(value=exp(min(value, 700.0)) - 1, low=low_share, high=high_share)


def overall(quantities: Mapping[str, Compared], broken: Sequence[str]) -> Finding:
    """All that decides together: one worse quantity or broken count fails, and only if all are held is it held."""
    deciding = [one.finding for one in quantities.values() if one.decides]
    if broken or "worse" in deciding:
        return "worse"
    return "held" if deciding and set(deciding) == {"held"} else "open"


def broken_counts(pairs: Sequence[Pair], side: str) -> list[str]:
    """A sentence for each thing that went wrong in the runs of `side`, over all pairs."""
    sums: dict[str, int] = {}
    for pair in pairs:
        for name, count in getattr(pair, side).counts.items():
            sums[name] = sums.get(name, 0) + count
    return [f"{count} {name}" for name, count in sums.items()]


def sentence(finding: Finding, quantities: Mapping[str, Compared], broken: Sequence[str], used: str) -> str:
    """The verdict in words: FAIL and why, PASS and how sure, INCONCLUSIVE and what could have been seen.

    `used` is what it rests on, such as "6 pairs".
    """
    deciding = [one for one in quantities.values() if one.decides]
    if finding == "worse":
        worse = [f"{_moved(one)} ({one.a:.4g} to {one.b:.4g} {one.unit})" for one in deciding if one.finding == "worse"]
        return "FAIL: B is worse: " + "; ".join([*broken, *worse])
    if finding == "held":
        closest = max(deciding, key=lambda one: _highest(one) - one.allowed)
        return (
            f"PASS: B is no worse than A after {used}; closest to its limit is {closest.title}: "
            f"at most {100 * _highest(closest):+.1f} %, {100 * closest.allowed:.0f} % allowed"
        )
    undecided = [one for one in deciding if one.finding == "open"]
    if not undecided:
        return f"INCONCLUSIVE after {used}: what decides was not measured often enough"
    seen = "; ".join(f"{_moved(one)} ({_visible(one)} would have been seen)" for one in undecided)
    return f"INCONCLUSIVE after {used}: {seen}"


def _moved(one: Compared) -> str:
    return f"{one.title} {100 * one.change.value:+.1f} %"


def _highest(one: Compared) -> float:
    return one.change.high if one.change.high is not None else inf


def _visible(one: Compared) -> str:
    return f"{100 * one.smallest_effect:+.0f} %" if one.smallest_effect is not None else "nothing"
