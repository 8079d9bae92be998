"""Ours: the users of the shipped `connections` scenario, with what the benchmark has to know besides.

With ``benchmarks/ours.py`` the only place that knows the engine's interface.
"""

from __future__ import annotations

from benchmarks.locustfiles import control
from pulsegate.harness.load.recorder import Recorder
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.scenarios.load.connections import Sockets, Streams

__all__ = ["Sockets", "Streams"]

_plain_read = Recorder.read


def _kept_read(recorder: Recorder, data: bytes, arrival: Arrival) -> None:
    """Keep what the engine is told, then let it go on."""
    control.keep_read(data, arrival.at_ns, arrival.previous_ns)
    _plain_read(recorder, data, arrival)


if control.KEEP_ARRIVALS:
    Recorder.read = _kept_read  # type: ignore[method-assign, assignment]  # mypy takes it for a bound method
