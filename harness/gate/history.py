"""Where a series of sessions changed its level: Pettitt's test, session by session.

It compares ranks, so that one wild session is no change; it needs no idea of how the figures scatter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp
from statistics import median

#: A change is believed when chance makes one so clear less often than this; strict, for it is asked at each session.
BELIEVED = 0.002
#: A level is the word of at least so many sessions.
FEWEST_SESSIONS = 4


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """From the session at `index` on, the level is `after`, which was `before`; `p` is how likely that is chance."""

    index: int
    before: float
    after: float
    p: float


def change_points(series: Sequence[float]) -> list[ChangePoint]:
    """All believed changes of `series`, in its order: each is looked for as if its session had just been measured.

    So a level that rose and fell again is two changes, and not none.
    """
    found: list[ChangePoint] = []
    start, end = 0, 2 * FEWEST_SESSIONS
    while end <= len(series):
        here = _clearest(series[start:end])
        if here is None:
            end += 1
            continue
        start += here.index
        found.append(ChangePoint(start, here.before, here.after, here.p))
        end = start + 2 * FEWEST_SESSIONS
    return found


def _clearest(series: Sequence[float]) -> ChangePoint | None:
    """The one change in `series`; None where chance explains it. Pettitt, Applied Statistics 28 (1979)."""
    count = len(series)
    largest = max(map(abs, accumulate(sum(_sign(other - one) for other in series) for one in series)))
    p = min(1.0, 2 * exp(-6 * largest**2 / (count**3 + count**2)))
    if p >= BELIEVED:
        return None
    # ranks tell that there is a change, but put it too near the middle
    splits = range(FEWEST_SESSIONS, count - FEWEST_SESSIONS + 1)
    split = min(splits, key=lambda at: _spread(series[:at]) + _spread(series[at:]))
    return ChangePoint(split, median(series[:split]), median(series[split:]), p)


def _spread(values: Sequence[float]) -> float:
    middle = median(values)
    return sum(abs(value - middle) for value in values)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
