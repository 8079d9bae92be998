"""How dropped clients came back: attempts in each tenth of a second."""

from __future__ import annotations

from pulsegate.harness.record import Storm
from pulsegate.reports.plots.drawing import Plot, Row, data, drawn

_HEIGHT = 100
_TENTHS = 10


def storm_plot(storm: Storm) -> Plot | None:
    """The curve of attempts after a disruption; None where there was none."""
    if not any(storm.curve):
        return None
    rows: list[Row] = [
        {"from": place / _TENTHS, "to": (place + 1) / _TENTHS, "attempts": count, "none": 0}
        for place, count in enumerate(storm.curve)
    ]
    across = {
        "field": "from", "type": "quantitative", "title": "seconds after the drop",
        "scale": {"nice": False, "domain": [0, len(storm.curve) / _TENTHS]}, "axis": {"grid": False, "tickCount": 6},
    }  # fmt: skip
    spec = {
        "height": _HEIGHT,
        "data": data(rows),
        "mark": {"type": "rect", "color": "var(--not_measured)"},
        "encoding": {
            "x": across,
            "x2": {"field": "to"},
            "y": {"field": "attempts", "type": "quantitative", "title": "attempts", "axis": {"tickCount": 3}},
            "y2": {"field": "none"},
        },
    }
    words = f"at most {max(storm.curve)} attempts in a tenth of a second, {sum(storm.curve)} in all"
    return drawn(spec, title=f"attempts after {storm.disruption}", caption=words)
