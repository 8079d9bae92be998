"""What was broken on purpose: when, what it disturbed step by step, and how dropped clients came back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pulsegate.harness.record import DisruptionDone, Measured, Moment, Storm
from pulsegate.reports.measured import figure


@dataclass(frozen=True, slots=True)
class Mark:
    """When a disruption was begun, and until when it lasted, in seconds since the load began."""

    number: int
    begun_s: float
    until_s: float


def end_s(measured: Measured) -> float:
    """How long the course is; 1 where there is none."""
    return max((moment.at_s + moment.width_s for moment in measured.timeline), default=1.0)


def marks(disruptions: Sequence[DisruptionDone]) -> list[Mark]:
    """Those that were begun, numbered as they stand in the record."""
    return [
        Mark(number, one.begun_s, max(one.done_s or one.begun_s, one.begun_s))
        for number, one in enumerate(disruptions, 1)
        if one.begun_s is not None
    ]


def _longest_gap(moment: Moment) -> float:
    return max((point.max for name, point in moment.metrics.items() if name.endswith("heartbeat_gap")), default=0.0)


#: What disruptions disturb: its title, and its value in a step.
QUANTITIES: Sequence[tuple[str, Callable[[Moment], float]]] = (
    ("live streams", lambda moment: moment.live),
    ("attempts /s", lambda moment: moment.attempts / moment.width_s),
    ("interrupted", lambda moment: moment.interrupted),
    ("longest gap, ms", _longest_gap),
    ("events lost", lambda moment: max(0, moment.lost)),
    ("events /s", lambda moment: moment.events / moment.width_s),
)


def rows(measured: Measured) -> list[tuple[str, list[float]]]:
    """The quantities worth a line, each with a value for every step of the timeline; none for a short course."""
    course = measured.timeline
    if len(course) < 2:
        return []
    found = [(title, [float(value(moment)) for moment in course]) for title, value in QUANTITIES]
    return [(title, values) for title, values in found if any(values)]


def highest(values: Sequence[float]) -> str:
    """The largest of them, as it is read at a glance."""
    top = max(values)
    return figure(int(top) if top.is_integer() else top)


def back_words(storm: Storm) -> str:
    """When half, most and all of the clients were back: ``1.2 s / 3.4 s / never``."""
    return " / ".join(
        "never" if at_s is None else f"{at_s:.1f} s"
        for at_s in (storm.half_back_s, storm.most_back_s, storm.all_back_s)
    )


#: How what a disruption caused is named.
_CAUSED = {
    "interrupted": "interrupted streams",
    "requests_failed": "failed requests",
    "lost": "lost events",
    "repeated": "repeated events",
    "reordered": "reordered events",
    "late": "late events",
    "silent": "silent streams",
    "stalled": "stalled producers",
}


def caused_words(one: DisruptionDone) -> str:
    """What it caused itself, behind what it did; empty where that is nothing."""
    parts = [f"{one.caused[name]} {words}" for name, words in _CAUSED.items() if one.caused.get(name)]
    return f"; by itself it caused {', '.join(parts)}" if parts else ""
