"""All plots of one page, by where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulsegate.harness.record import Added, ProxyConfiguration, RunRecord, Storm
from pulsegate.reports.plots.course import course_plots, disturbance_plots
from pulsegate.reports.plots.drawing import Plot, can_draw
from pulsegate.reports.plots.forest import added_plot, comparison_plot
from pulsegate.reports.plots.gaps import gap_plots
from pulsegate.reports.plots.storms import storm_plot
from pulsegate.reports.proxy import FIRST_EVENT, configurations, event_added

_NOT_DRAWN = (
    "The plots are missing: the package vl-convert-python, which draws them, is not installed. "
    "The tables hold the same figures."
)


@dataclass(frozen=True, slots=True)
class Plots:
    """The plots; `missing` says why there are none where there should be some."""

    missing: str = ""
    comparison: Plot | None = None
    added: Sequence[Plot] = ()
    course: Sequence[Plot] = ()
    gaps: Sequence[Plot] = ()
    disturbed: Sequence[Plot] = ()
    storms: Mapping[str, Plot] = field(default_factory=dict)

    def of(self, storm: Storm) -> Plot | None:
        """The curve of `storm`."""
        return self.storms.get(storm.disruption)


def plots_of(record: RunRecord) -> Plots:
    """Draw what `record` holds."""
    if not can_draw():
        drawable = record.comparison or record.timeline or record.metrics or record.configurations
        return Plots(missing=_NOT_DRAWN if drawable else "")
    curves = {storm.disruption: storm_plot(storm) for storm in record.storms}
    return Plots(
        comparison=comparison_plot(record.comparison) if record.comparison is not None else None,
        added=_added(configurations(record)),
        course=course_plots(record),
        gaps=gap_plots(record),
        disturbed=disturbance_plots(record) if record.disruptions else [],
        storms={name: plot for name, plot in curves.items() if plot is not None},
    )


def _added(blocks: Mapping[str, ProxyConfiguration]) -> list[Plot]:
    first = {name: block.added[FIRST_EVENT] for name, block in blocks.items() if FIRST_EVENT in block.added}
    event = {name: found for name, block in blocks.items() if (found := event_added(block)) is not None}
    titles: dict[str, dict[str, Added]] = {
        "Time to the first event, against direct access": first,
        "From emission to arrival of an event, against direct access": event,
    }
    return [added_plot(rows, title) for title, rows in titles.items() if rows]
