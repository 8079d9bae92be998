"""Whether the pieces of a streamed answer came while it was made."""

from __future__ import annotations

from collections.abc import Sequence

from pulsegate.harness.timing.arrival import Arrival

#: An answer that took less time tells nothing, in nanoseconds.
SLOW_NS = 400_000_000


def held_back(arrivals: Sequence[Arrival], asked_ns: int, least: int) -> str | None:
    """Why the pieces of an answer did not come while it was made; empty if they did, None where that cannot be told.

    They came all together when the time from the first to the last is under a tenth of what the answer
    took. Fewer than `least` pieces tell nothing.
    """
    if len(arrivals) < least or arrivals[-1].at_ns - asked_ns < SLOW_NS:
        return None
    took_ns, spread_ns = arrivals[-1].at_ns - asked_ns, arrivals[-1].at_ns - arrivals[0].at_ns
    if 10 * spread_ns > took_ns:
        return ""
    if any(arrival.late for arrival in arrivals):
        return None
    return f"{len(arrivals)} pieces within {spread_ns / 1e6:.0f} ms, {took_ns / 1e6:.0f} ms after the request"
