"""When the pairs are looked at, how strict each look is, and what the plan can see.

Looking several times gives chance several tries. The levels grow with the share of the pairs that are
in: a look at a third of them is three times as strict as the last. In a million simulated comparisons of
6, 10 and 18 pairs, a last level of 3.32 % let a build that is exactly at the floor fail in 5 %; 3.25 %
leaves some room. Equal levels see a little less in the end, later ones (O'Brien and Fleming's) end late.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

from pulsegate.harness.statistics.distributions import noncentral_t_shift, noncentral_t_tail, t_quantile

#: The chance that a build at the floor fails.
BOUNDARY = 0.05
#: The level of the last of several looks; the earlier ones have their share of it.
LAST_OF_SEVERAL = 0.0325
#: At each look, the chance that a build at the floor passes; over all looks it is about twice that.
PASS_LEVEL = 0.05
#: Looks are taken when these shares of the pairs are in.
_SHARES = (1 / 3, 5 / 9, 1.0)
#: Fewer pairs than this are looked at once.
_ONE_LOOK_BELOW = 12
#: Fewer say nothing of how far they scatter.
FEWEST_PAIRS = 4
#: How far runs of one build scatter where nothing is known yet: their standard deviation, as a share.
USUAL_SCATTER = 0.04
#: Where runs scatter so wildly that only a larger worsening (as a logarithm) would be seen, this one is named.
_BEYOND_SEEING = 20.0


@dataclass(frozen=True, slots=True)
class Look:
    """After how many pairs, and at which level a difference counts as one."""

    pairs: int
    alpha: float


def looks_of(pairs: int) -> list[Look]:
    """The looks of a comparison of at most `pairs` pairs; ValueError when those are too few."""
    if pairs < FEWEST_PAIRS:
        raise ValueError(f"a comparison takes at least {FEWEST_PAIRS} pairs, not {pairs}")
    if pairs < _ONE_LOOK_BELOW:
        return [Look(pairs, BOUNDARY)]
    counts = [round(pairs * share) for share in _SHARES]
    return [Look(count, LAST_OF_SEVERAL * count / pairs) for count in counts]


def power(effect: float, *, margin: float, scatter: float, look: Look, tests: int) -> float:
    """The chance that `look` alone finds a metric that became worse by the share `effect`.

    `margin` is the floor as a share, `scatter` that of single runs, `tests` how many metrics decide:
    Holm then grants the only one that became worse its part of the level. Earlier looks add to it.
    """
    if scatter == 0:
        return float(effect > margin)
    error = scatter * sqrt(2 / look.pairs)
    critical = t_quantile(look.alpha / tests, look.pairs - 1)
    return noncentral_t_tail(critical, look.pairs - 1, (log(1 + effect) - log(1 + margin)) / error)


def smallest_effect(wanted: float, *, margin: float, scatter: float, look: Look, tests: int) -> float:
    """The smallest worsening, as a share, that `look` finds with the chance `wanted`: `power` solved for it."""
    critical = t_quantile(look.alpha / tests, look.pairs - 1)
    shift = noncentral_t_shift(critical, look.pairs - 1, wanted) * scatter * sqrt(2 / look.pairs)
    return exp(min(log(1 + margin) + shift, _BEYOND_SEEING)) - 1
