"""What was broken on purpose: marks on the course of the load, and how dropped clients came back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pulsegate.harness.record import DisruptionDone, Measured, Moment, Storm
from pulsegate.reports.measured import figure

WIDTH, HEIGHT = 1000, 100
_STORM_WIDTH, _STORM_HEIGHT = 300, 60


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a disruption stands on the course: from `x`, `width` wide, in units of the chart."""

    number: int
    x: float
    width: float
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One quantity over the whole run; `points` are a polyline's."""

    title: str
    top: str
    points: str


@dataclass(frozen=True, slots=True)
class StormView:
    """A storm with the bars of its curve: x, y, width and height each."""

    storm: Storm
    bars: list[tuple[float, float, float, float]]
    seconds: str
    back: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the template needs."""

    marks: list[Mark]
    panels: list[Panel]
    disruptions: list[DisruptionDone]
    storms: list[StormView]


def resilience_page(measured: Measured) -> Page | None:
    """The part of the page on resilience; None where nothing was broken."""
    if not measured.disruptions:
        return None
    return Page(
        marks=marks(measured),
        panels=[Panel(title, highest(values), _points(measured, values)) for title, values in rows(measured)],
        disruptions=measured.disruptions,
        storms=[_view(one) for one in measured.storms],
    )


def end_s(measured: Measured) -> float:
    """How long the course is; 1 where there is none."""
    return max((moment.at_s + moment.width_s for moment in measured.timeline), default=1.0)


def marks(measured: Measured) -> list[Mark]:
    """The disruptions that were begun, numbered as they stand in the record."""
    scale = WIDTH / end_s(measured)
    found = []
    for number, one in enumerate(measured.disruptions, 1):
        if one.begun_s is not None:
            lasted_s = max(0.0, (one.done_s or one.begun_s) - one.begun_s)
            found.append(Mark(number, round(one.begun_s * scale, 1), round(lasted_s * scale, 1), one.text))
    return found


def rows(measured: Measured) -> list[tuple[str, list[float]]]:
    """The quantities worth a line, each with a value for every step of the timeline; none for a short course."""
    course = measured.timeline
    if len(course) < 2:
        return []
    quantities: list[tuple[str, Callable[[Moment], float]]] = [
        ("live streams", lambda moment: moment.live),
        ("attempts /s", lambda moment: moment.attempts / moment.width_s),
        ("interrupted", lambda moment: moment.interrupted),
        ("longest gap, ms", _longest_gap),
        ("events lost", lambda moment: max(0, moment.lost)),
        ("events /s", lambda moment: moment.events / moment.width_s),
    ]
    found = [(title, [float(value(moment)) for moment in course]) for title, value in quantities]
    return [(title, values) for title, values in found if any(values)]


def _longest_gap(moment: Moment) -> float:
    return max((point.max for name, point in moment.metrics.items() if name.endswith("heartbeat_gap")), default=0.0)


def highest(values: Sequence[float]) -> str:
    """The largest of them, as it is read at a glance."""
    top = max(values)
    return figure(int(top) if top.is_integer() else top)


def _points(measured: Measured, values: Sequence[float]) -> str:
    scale, top = WIDTH / end_s(measured), max(values)
    xs = [(moment.at_s + moment.width_s / 2) * scale for moment in measured.timeline]
    return " ".join(f"{x:.1f},{HEIGHT - HEIGHT * y / top:.1f}" for x, y in zip(xs, values, strict=True))


def _view(storm: Storm) -> StormView:
    width, top = _STORM_WIDTH / max(1, len(storm.curve)), max(storm.curve, default=1)
    bars = []
    for place, count in enumerate(storm.curve):
        height = _STORM_HEIGHT * count / top
        bars.append(
            (round(place * width, 2), round(_STORM_HEIGHT - height, 2), round(0.9 * width, 2), round(height, 2))
        )
    back = " / ".join(
        "never" if at_s is None else f"{at_s:.1f} s"
        for at_s in (storm.half_back_s, storm.most_back_s, storm.all_back_s)
    )
    return StormView(storm, bars, f"{len(storm.curve) / 10:g}", back)
