"""What of a load's figures disruptions of ours are known to have caused, so that it is not held against the target.

A disruption answers for what it is known to cause while it lasts, and for no more than it can have caused; the
same thing at another time, or more of it, is the target's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulsegate.harness.record import Moment

#: What happens to a connection at most once by one disruption; of the rest, each event may be one.
ONCE = frozenset({"interrupted", "repeated", "requests_failed", "silent", "stalled"})
#: How much later than its cause an effect may be booked, in seconds.
_GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when, in seconds since the load began, and what is caused then: at most so many, None for any."""

    begun_s: float
    until_s: float
    most: Mapping[str, int | None]

    def covers(self, moment: Moment) -> bool:
        """Whether it lasts within this step of the timeline."""
        return self.begun_s < moment.at_s + moment.width_s and moment.at_s <= self.until_s + _GRACE_S


def caused(windows: Sequence[Window | None], course: Sequence[Moment]) -> list[dict[str, int]]:
    """What each window answers for; nothing is counted for two of them. None is a disruption that was not begun."""
    counts = {name: [getattr(moment, name) for moment in course] for one in windows if one for name in one.most}
    return [{} if one is None else _taken(one, course, counts) for one in windows]


def _taken(window: Window, course: Sequence[Moment], counts: dict[str, list[int]]) -> dict[str, int]:
    places = [place for place, moment in enumerate(course) if window.covers(moment)]
    found = {}
    for name, most in sorted(window.most.items()):
        if taken := _take(counts[name], places, most):
            found[name] = taken
    return found


def _take(counts: list[int], places: Sequence[int], most: int | None) -> int:
    """Take up to `most` out of these places. What was lost and came after all is none: one is the other's opposite."""
    total = max(0, sum(counts[place] for place in places))
    taken = total if most is None else min(total, most)
    left = taken
    for place in places:
        part = min(left, max(0, counts[place]))
        counts[place] -= part
        left -= part
    return taken
