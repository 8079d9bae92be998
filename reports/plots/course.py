"""The course of a load: users, events, latency and failures over time, with warm-up and disruptions marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from pulsegate.harness.record import DisruptionDone, Measured, Moment
from pulsegate.reports.measured import figure, most_telling
from pulsegate.reports.plots.drawing import Plot, Row, Spec, data, drawn
from pulsegate.reports.resilience import QUANTITIES, end_s, marks

#: Charts of metrics: the most telling ones only.
MOST_METRICS = 6
#: A longer course is drawn in so many steps.
MOST_STEPS = 240
_HEIGHT = 110
_COLOURS = ["var(--not_measured)", "var(--accepted)", "var(--failed)"]
_DASHES = [[1, 0], [5, 2], [2, 2]]
_AT = {
    "field": "at", "type": "quantitative", "title": "seconds since the load began",
    "scale": {"nice": False}, "axis": {"grid": False, "tickCount": 6},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lines:
    """What one chart shows: by name of the line, its value in each step that has one. Counts are shown from 0."""

    title: str
    unit: str
    values: Mapping[str, Sequence[tuple[float, float]]]
    counts: bool = True

    @property
    def highest(self) -> float:
        """The largest value of all lines."""
        return max((value for points in self.values.values() for _, value in points), default=0.0)

    @property
    def steady(self) -> bool:
        """Whether all times lie so close together that an axis from 0 would show nothing but a line."""
        values = [value for points in self.values.values() for _, value in points]
        return not self.counts and bool(values) and 0 < max(values) < 1.2 * min(values)

    def words(self, end: float) -> str:
        """The chart in a sentence."""
        top = figure(int(self.highest) if float(self.highest).is_integer() else self.highest)
        return f"{' and '.join(self.values)} over {end:g} s, at most {top} {self.unit}".strip()


def course_plots(measured: Measured) -> list[Plot]:
    """A plot for each of `course_lines`."""
    return [_plot(lines, measured) for lines in course_lines(measured)]


def disturbance_plots(measured: Measured) -> list[Plot]:
    """A plot for each of `disturbances`."""
    return [_plot(lines, measured) for lines in disturbances(measured)]


def course_lines(measured: Measured) -> list[Lines]:
    """What is worth a look: the telling metrics, users and connections, events, failures, the generator."""
    steps = [_Step(group) for group in _groups(measured.timeline)]
    if len(steps) < 2:
        return []
    names = most_telling(measured.metrics)[:MOST_METRICS]
    found = [_of_metric(name, measured.metrics[name].unit, steps) for name in names]
    found += [
        _lines("users and open connections", "", steps, {"users": lambda m: m.users, "open": lambda m: m.live}),
        _lines("events per second", "/s", steps, {"events": lambda m: m.events / m.width_s}),
    ]
    if any(moment.failed for moment in measured.timeline):
        found.append(_lines("failures", "", steps, {"failed": lambda m: m.failed}))
    if any(moment.retries or moment.interrupted for moment in measured.timeline):
        coming_back: dict[str, Callable[[Moment], float]] = {
            "attempts": lambda m: m.retries / m.width_s,
            "recovered": lambda m: m.recovered / m.width_s,
        }
        found.append(_lines("coming back", "/s", steps, coming_back))
    found.append(_lines("busiest generator", "% of a core", steps, {"CPU": lambda m: 100 * m.cpu}))
    return [lines for lines in found if any(len(points) > 1 for points in lines.values.values())]


def disturbances(measured: Measured) -> list[Lines]:
    """What disruptions disturb, step by step; nothing that was always 0, and none of a short course."""
    steps = [_Step(group) for group in _groups(measured.timeline)]
    if len(steps) < 2:
        return []
    found = [_lines(title, "", steps, {title: value}) for title, value in QUANTITIES]
    return [lines for lines in found if lines.highest]


class _Step:
    """Consecutive moments that are drawn as one."""

    def __init__(self, moments: Sequence[Moment]) -> None:
        self.moments = moments
        self.middle_s = (moments[0].at_s + moments[-1].at_s + moments[-1].width_s) / 2


def _groups(course: Sequence[Moment]) -> list[Sequence[Moment]]:
    size = max(1, -(-len(course) // MOST_STEPS))
    return [course[at : at + size] for at in range(0, len(course), size)]


def _lines(title: str, unit: str, steps: Sequence[_Step], values: Mapping[str, Callable[[Moment], float]]) -> Lines:
    found = {
        name: [(step.middle_s, max(float(value(moment)) for moment in step.moments)) for step in steps]
        for name, value in values.items()
    }
    return Lines(title, unit, found)


def _of_metric(name: str, unit: str, steps: Sequence[_Step]) -> Lines:
    """Where several moments are one step, the middle of their medians and the highest of their other percentiles."""
    middles, highs = [], []
    for step in steps:
        points = [moment.metrics[name] for moment in step.moments if name in moment.metrics]
        if points:
            middles.append((step.middle_s, median(point.p50 for point in points)))
            highs.append((step.middle_s, max(point.p95 for point in points)))
    return Lines(name, unit, {"p50": middles, "p95": highs}, counts=False)


def _plot(lines: Lines, measured: Measured) -> Plot:
    end = end_s(measured)
    spec = {"height": _HEIGHT, "layer": [*_shades(measured), *_marks(measured.disruptions), _drawn_lines(lines, end)]}
    return drawn(spec, title=lines.title, caption=lines.words(end))


def _drawn_lines(lines: Lines, end: float) -> Spec:
    rows: list[Row] = [
        {"line": name, "at": at, "value": value} for name, points in lines.values.items() for at, value in points
    ]
    names = list(lines.values)
    legend = {"symbolType": "stroke"} if len(names) > 1 else None
    chosen = {"field": "line", "type": "nominal", "legend": legend}
    return {
        "data": data(rows),
        "mark": {"type": "line", "strokeWidth": 1.75},
        "encoding": {
            "x": {**_AT, "scale": {"nice": False, "domain": [0, end]}},
            "y": {
                "field": "value",
                "type": "quantitative",
                "title": lines.unit or None,
                "axis": {"tickCount": 4},
                "scale": {"zero": not lines.steady},
            },
            "color": {**chosen, "scale": {"domain": names, "range": _COLOURS[: len(names)]}},
            "strokeDash": {**chosen, "scale": {"domain": names, "range": _DASHES[: len(names)]}},
        },
    }


def _shades(measured: Measured) -> list[Spec]:
    """The warm-up, which counts for no figure."""
    until = sum(moment.width_s for moment in measured.timeline if moment.warm_up)
    if not until:
        return []
    return [_shade([{"at": 0.0, "until": until}], 0.45)]


def _marks(disruptions: Sequence[DisruptionDone]) -> list[Spec]:
    """Where something was broken on purpose, numbered as in the table."""
    rows: list[Row] = [
        {"number": str(mark.number), "at": mark.begun_s, "until": mark.until_s} for mark in marks(disruptions)
    ]
    if not rows:
        return []
    at = {**_AT, "field": "at"}
    return [
        _shade([row for row in rows if row["until"] > row["at"]], 0.8),
        {
            "data": data(rows),
            "mark": {"type": "rule", "color": "var(--failed)", "strokeDash": [3, 3]},
            "encoding": {"x": at},
        },
        {
            "data": data(rows),
            "mark": {"type": "text", "align": "left", "dx": 3, "dy": 2, "baseline": "top", "fontWeight": "bold"},
            "encoding": {"x": at, "y": {"value": 0}, "text": {"field": "number"}},
        },
    ]


def _shade(rows: list[Row], opacity: float) -> Spec:
    return {
        "data": data(rows),
        "mark": {"type": "rect", "color": "var(--line)", "opacity": opacity},
        "encoding": {"x": _AT, "x2": {"field": "until"}},
    }
