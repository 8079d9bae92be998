"""The documented claims about optimisations, and the word for what was measured of each."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from pulsegate.harness.record import Claim, ClaimVerdict, Estimate
from pulsegate.harness.statistics.added import typical


@dataclass(frozen=True, slots=True)
class Documented:
    """What is said of an optimisation: `quantity` becomes `low` to `high` percent less, or `more`."""

    name: str
    quantity: str
    low: float
    high: float
    more: bool = False


#: The optimisation impact as documented for the real-time features.
BATCHING = Documented("batching", "state updates per update", 40, 60)
DEBOUNCING = Documented("debouncing", "renders per update", 50, 70)
MEMORY = Documented("memory management", "MB of heap after the conversation", 30, 50)
SOCKET = Documented("WebSocket optimisation", "items per second over the socket", 20, 40, more=True)
CLAIMS = (BATCHING, DEBOUNCING, MEMORY, SOCKET)


def judge(claim: Documented, off: Sequence[float], on: Sequence[float]) -> Claim:
    """What the pairs of measurements with the optimisation `off` and `on`, taken side by side, say of `claim`."""
    pairs = [(a, b) for a, b in zip(off, on, strict=False) if a > 0 and b > 0]
    if not pairs:
        return not_measured(claim, "nothing was counted with it and without it")
    logs = typical([math.log(b / a) for a, b in pairs])
    change = _percent(claim, logs)
    verdict = _word(claim, change.value)
    return Claim(
        **_documented(claim),
        pairs=len(pairs),
        off=median(a for a, _ in pairs),
        on=median(b for _, b in pairs),
        change=change,
        verdict=verdict,
        certain=_word(claim, change.low) == verdict == _word(claim, change.high),
    )


def not_measured(claim: Documented, reason: str) -> Claim:
    """`claim` without an answer, and why."""
    return Claim(**_documented(claim), verdict="not measured", reason=reason)


def _documented(claim: Documented) -> dict[str, Any]:
    return {
        "name": claim.name,
        "quantity": claim.quantity,
        "direction": "more" if claim.more else "less",
        "documented_low": claim.low,
        "documented_high": claim.high,
    }


def _percent(claim: Documented, logs: Estimate) -> Estimate:
    sign = 1 if claim.more else -1
    values = sorted(sign * 100 * math.expm1(log) for log in (logs.low, logs.high))
    return Estimate(value=sign * 100 * math.expm1(logs.value), low=values[0], high=values[1])


def _word(claim: Documented, percent: float) -> ClaimVerdict:
    if percent < claim.low:
        return "not reached"
    return "exceeded" if percent > claim.high else "confirmed"


def interleaved(arms: Sequence[str], repetitions: int, seed: int) -> Iterator[tuple[str, bool]]:
    """Each of `arms` off and on, in each repetition once, in an order that is shuffled anew for each."""
    order = random.Random(seed)  # noqa: S311 - repeatable, and nobody's secret
    for _ in range(repetitions):
        work = [(arm, on) for arm in arms for on in (False, True)]
        order.shuffle(work)
        yield from work
