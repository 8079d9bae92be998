"""Added latency as a picture: one row a configuration, its ratio to direct access with the interval, in plain SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping

from markupsafe import Markup, escape

from pulsegate.harness.record import Added
from pulsegate.reports.proxy import short_figure
from pulsegate.reports.safe import printable

WIDTH = 880
_ROW = 30
_TOP = 34
_BOTTOM = 30
_NAMES = 210
_FIGURES = 275
#: The most of a name that is shown beside its row.
_LONGEST_NAME = 28


def added_plot(rows: Mapping[str, Added], title: str) -> Markup:
    """`rows` by name, on a logarithmic axis of ratios; an interval that holds 1 adds nothing that was seen."""
    low = min([0.5, *(row.ratio.low for row in rows.values())])
    high = max([2.0, *(row.ratio.high for row in rows.values())])
    scale = _Scale(low, high)
    height = _TOP + _ROW * len(rows) + _BOTTOM
    parts = [
        (
            f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}" '
            'xmlns="http://www.w3.org/2000/svg">'
        ),
        f'<text class="title" x="0" y="16">{escape(title)}</text>',
        *(_tick(scale, value, height) for value in scale.ticks()),
    ]
    for number, (name, row) in enumerate(rows.items()):
        parts += _row(scale, name, row, _TOP + _ROW * number + _ROW / 2)
    return Markup("\n".join([*parts, "</svg>"]))  # noqa: S704 - every text in it is escaped


class _Scale:
    """Ratios to horizontal places."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = math.log10(low), math.log10(high)

    def x(self, ratio: float) -> float:
        share = (math.log10(ratio) - self._low) / (self._high - self._low)
        return _NAMES + share * (WIDTH - _NAMES - _FIGURES)

    def ticks(self) -> list[float]:
        """At most about eight round ratios."""
        wide = self._high - self._low > 1.7
        steps = (1,) if wide else (1, 2, 5)
        values = [
            step * 10.0**power for power in range(math.floor(self._low), math.ceil(self._high) + 1) for step in steps
        ]
        return [value for value in values if self._low <= math.log10(value) <= self._high]


def _tick(scale: _Scale, value: float, height: int) -> str:
    x = scale.x(value)
    kind = "one" if value == 1 else "tick"
    return (
        f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{height - _BOTTOM + 4}"/>'
        f'<text class="axis" x="{x:.1f}" y="{height - 8}" text-anchor="middle">{value:g}x</text>'
    )


def _row(scale: _Scale, name: str, row: Added, y: float) -> list[str]:
    ratio, difference = row.ratio, row.difference
    shown = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    sign = "+" if difference.value >= 0 else "-"
    figures = (
        f"{short_figure(ratio.value)}x ({short_figure(ratio.low)} to {short_figure(ratio.high)}), "
        f"{sign}{short_figure(abs(difference.value))} {row.unit}"
    )
    return [
        f'<text class="name" x="0" y="{y + 5:.1f}">{escape(printable(shown))}</text>',
        (
            f'<line class="interval" x1="{scale.x(ratio.low):.1f}" x2="{scale.x(ratio.high):.1f}" '
            f'y1="{y:.1f}" y2="{y:.1f}"/>'
        ),
        f'<circle cx="{scale.x(ratio.value):.1f}" cy="{y:.1f}" r="4.5"/>',
        f'<text class="figures" x="{WIDTH}" y="{y + 5:.1f}" text-anchor="end">{escape(figures)}</text>',
    ]
