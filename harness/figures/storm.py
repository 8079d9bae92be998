"""A reconnect storm: what clients do to a server that dropped them all at one moment, from the times of their attempts.

The server is judged by whether its clients came back, the policy by how far they spread out. Who
comes back is not known, only when: the first attempts are as many as were dropped, in order of time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pulsegate.harness.record import Storm

#: With fewer first attempts than this, how they spread says nothing.
FEW = 20
#: More of the first attempts than this within a tenth of a second are bunched ...
BUNCHED = 0.4
#: ... and more than this are a stampede.
STAMPEDE = 0.7
#: A server that needed more attempts for each stream than this turned clients away.
MANY_ATTEMPTS = 1.5
#: Clients may be earlier than asked by this much: their clock and ours see the drop at different moments.
EARLY_SLACK_S = 0.01
#: The curve has no more tenths than this.
LONGEST_CURVE = 600
_TENTH_S = 0.1
#: Attempts closer to the edge of a window than this belong to it, so that rounding decides nothing.
_ROUNDING_S = 1e-9

Server = Literal["survived", "struggled", "did not survive"]
Policy = Literal["spread", "bunched", "stampede", "too few to judge"]


@dataclass(frozen=True, slots=True)
class Drop:
    """What was dropped, when, and until when it was watched, in seconds of one clock.

    `asked_s` is the wait that their `retry` asked for; `planned` are all connections that the load was to open.
    The steady rate is what was before `steady_until_s`, by default before the drop.
    """

    disruption: str
    dropped: int
    at_s: float
    until_s: float
    asked_s: float | None = None
    planned: int = 0
    steady_until_s: float | None = None


def storm(drop: Drop, attempts: Sequence[float], answers: Sequence[float]) -> Storm:
    """The figures of one storm; `attempts` and `answers` are the times of all connections of the run, in order."""
    steady_until_s = drop.at_s if drop.steady_until_s is None else drop.steady_until_s
    before = [at_s for at_s in attempts if at_s < drop.at_s]
    after = [at_s - drop.at_s for at_s in attempts if drop.at_s <= at_s < drop.until_s]
    back = [at_s - drop.at_s for at_s in answers if drop.at_s <= at_s < drop.until_s]
    first = after[: drop.dropped]
    found = Storm(
        disruption=drop.disruption,
        dropped=drop.dropped,
        attempts=len(after),
        steady_per_s=float(most_within([at_s for at_s in before if at_s < steady_until_s], 1.0)),
        peak_per_s=most_within(after, 1.0),
        curve=_curve(after),
        busiest_tenth=most_within(first, _TENTH_S) / len(first) if first else 0.0,
        spread_s=_spread(first),
        earliest_s=first[0] if first else None,
        asked_s=drop.asked_s,
        early=0 if drop.asked_s is None else bisect_left(after, drop.asked_s - EARLY_SLACK_S),
        half_back_s=_back(back, drop.dropped, 0.5),
        most_back_s=_back(back, drop.dropped, 0.95),
        all_back_s=_back(back, drop.dropped, 1.0),
        server="survived",
        policy="spread",
    )
    unopened = max(0, drop.planned - len(before))
    found.server, found.policy = _server(found, unopened), _policy(found, len(first))
    found.sentence = _sentence(found, len(back), unopened)
    return found


def most_within(times: Sequence[float], width_s: float) -> int:
    """The most of the sorted `times` that lie within `width_s` of each other."""
    most = begin = 0
    for end, at_s in enumerate(times):
        while at_s - times[begin] >= width_s - _ROUNDING_S:
            begin += 1
        most = max(most, end + 1 - begin)
    return most


def _curve(after: Sequence[float]) -> list[int]:
    curve: list[int] = []
    for at_s in after:
        tenth = int((at_s + _ROUNDING_S) / _TENTH_S)
        if tenth >= LONGEST_CURVE:
            break
        curve += [0] * (tenth + 1 - len(curve))
        curve[tenth] += 1
    return curve


def _spread(first: Sequence[float]) -> float | None:
    """From the 10th to the 90th percentile."""
    return first[int(0.9 * (len(first) - 1))] - first[int(0.1 * (len(first) - 1))] if first else None


def _back(back: Sequence[float], dropped: int, share: float) -> float | None:
    needed = -int(-share * dropped // 1)
    return back[needed - 1] if 0 < needed <= len(back) else None


def _server(found: Storm, unopened: int) -> Server:
    if found.most_back_s is None and found.dropped:
        return "did not survive"
    lost_some = found.all_back_s is None and found.dropped
    return "struggled" if lost_some or found.attempts > MANY_ATTEMPTS * found.dropped + unopened else "survived"


def _policy(found: Storm, first: int) -> Policy:
    if first < FEW:
        return "too few to judge"
    if found.busiest_tenth > STAMPEDE:
        return "stampede"
    return "bunched" if found.busiest_tenth > BUNCHED else "spread"


def _sentence(found: Storm, back: int, unopened: int) -> str:
    came = f"{min(back, found.dropped)} came back"
    if found.all_back_s is not None:
        came = f"all were back after {found.all_back_s:.1f} s"
    parts = [
        f"{found.dropped} streams were dropped",
        f"{came} in {found.attempts} attempts",
        f"the busiest second had {found.peak_per_s}",
    ]
    if found.steady_per_s:
        times = found.peak_per_s / found.steady_per_s
        parts[-1] += f", {times:.1f} times the {found.steady_per_s:.0f} of the steady rate"
    if found.policy != "too few to judge":
        parts.append(f"{100 * found.busiest_tenth:.0f} % of the first attempts fell into one tenth of a second")
    if found.early:
        parts.append(f"{found.early} came earlier than the {found.asked_s:g} s that `retry` asks for")
    if unopened:
        parts.append(f"{unopened} clients had not been opened yet, and their attempts are among these")
    return "; ".join(parts)
