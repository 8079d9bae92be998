"""The course of a load as small charts: plain lines, drawn without a script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pulsegate.harness.record import Measured, Moment
from pulsegate.reports.measured import figure, most_telling

WIDTH, HEIGHT = 600, 120
#: Charts of metrics: the most telling ones only.
MOST_METRICS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart; `points` is what an SVG polyline takes."""

    name: str
    points: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: `top` is the value at its upper edge, `warm_up` the width of what counts for no figure."""

    title: str
    unit: str
    top: str
    seconds: str
    lines: list[Line]
    warm_up: float

    @property
    def description(self) -> str:
        """The chart in words."""
        names = " and ".join(line.name for line in self.lines)
        return f"{self.title}: {names} over {self.seconds} s, at most {self.top} {self.unit}".strip()


def charts(measured: Measured) -> list[Chart]:
    """What is worth a look: users and connections, events, the telling metrics, failures, the generator."""
    course = _Course(measured.timeline)
    if len(measured.timeline) < 2:
        return []
    drawn = [
        course.chart("users and open connections", "", {"users": lambda m: m.users, "open": lambda m: m.live}),
        course.chart("events per second", "/s", {"events": lambda m: m.events / m.width_s}),
    ]
    names = most_telling(measured.metrics)[:MOST_METRICS]
    drawn += [course.of_metric(name, measured.metrics[name].unit) for name in names]
    if any(moment.failed for moment in measured.timeline):
        drawn.append(course.chart("failures", "", {"failed": lambda m: m.failed}))
    if any(moment.retries or moment.interrupted for moment in measured.timeline):
        coming_back: dict[str, Callable[[Moment], float]] = {
            "attempts": lambda m: m.retries / m.width_s,
            "recovered": lambda m: m.recovered / m.width_s,
        }
        drawn.append(course.chart("coming back", "/s", coming_back))
    drawn.append(course.chart("busiest generator", "% of a core", {"CPU": lambda m: 100 * m.cpu}))
    return drawn


class _Course:
    """The steps of a timeline, and how wide each is drawn."""

    def __init__(self, moments: list[Moment]) -> None:
        self._moments = moments
        self._end_s = max((moment.at_s + moment.width_s for moment in moments), default=1.0)

    def chart(self, title: str, unit: str, values: dict[str, Callable[[Moment], float]]) -> Chart:
        found = {
            name: [(self._x(moment), float(value(moment))) for moment in self._moments]
            for name, value in values.items()
        }
        return self._drawn(title, unit, found)

    def of_metric(self, name: str, unit: str) -> Chart:
        steps = [(self._x(moment), moment.metrics[name]) for moment in self._moments if name in moment.metrics]
        found = {"p50": [(x, point.p50) for x, point in steps], "p95": [(x, point.p95) for x, point in steps]}
        return self._drawn(name, unit, found)

    def _x(self, moment: Moment) -> float:
        return (moment.at_s + moment.width_s / 2) * WIDTH / self._end_s

    def _drawn(self, title: str, unit: str, found: dict[str, list[tuple[float, float]]]) -> Chart:
        top = max((value for points in found.values() for _, value in points), default=0.0)
        scale = HEIGHT / (top or 1.0)
        lines = [
            Line(name, " ".join(f"{x:.1f},{HEIGHT - value * scale:.1f}" for x, value in points))
            for name, points in found.items()
        ]
        warm_up = sum(moment.width_s for moment in self._moments if moment.warm_up) * WIDTH / self._end_s
        shown_top = figure(int(top) if top.is_integer() else top)
        return Chart(title, unit, shown_top, f"{self._end_s:g}", lines, round(warm_up, 1))
