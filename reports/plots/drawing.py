"""From a Vega-Lite specification to an SVG that stands in the page: no script, the page's own colours, two widths."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from math import isfinite
from typing import Any

from markupsafe import Markup

from pulsegate.reports.safe import printable

Spec = Mapping[str, Any]
Row = dict[str, Any]

#: Widths in pixels: of a plot that shares its line, of one that has it alone, and of either on a phone.
HALF, WHOLE, PHONE = 490, 1010, 326
#: Vega-Lite's own version number, as its schema is named.
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_SOFT, _LINE, _INK = "var(--soft)", "var(--line)", "var(--ink)"
_THEME = {
    "background": None,
    "font": "system-ui, sans-serif",
    "padding": 2,
    "view": {"stroke": None},
    "axis": {
        "labelColor": _SOFT, "titleColor": _SOFT, "gridColor": _LINE, "domainColor": _LINE, "tickColor": _LINE,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
    },
    "legend": {
        "labelColor": _INK, "labelFontSize": 12, "title": None, "orient": "top", "symbolStrokeColor": _INK,
        "symbolSize": 200,
    },
    "text": {"color": _INK, "fontSize": 12},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot: what stands over it, what it shows for who does not see it, and its picture for two widths of page."""

    title: str
    caption: str
    words: str
    wide: Markup
    narrow: Markup


@cache
def can_draw() -> bool:
    """Whether the package that draws is installed; without it a page has its tables only, and says so."""
    return find_spec("vl_convert") is not None


def drawn(
    spec: Spec, *, title: str, caption: str, words: str = "", width: int = HALF, on_phone: Spec | None = None
) -> Plot:
    """Draw `spec`, which says neither width nor colours of axes; on a phone `on_phone`, where that is another."""
    words = f"{title}: {words or caption}"
    return Plot(
        printable(title), printable(caption), printable(words), _svg(spec, width), _svg(on_phone or spec, PHONE)
    )


def _svg(spec: Spec, width: int) -> Markup:
    import vl_convert  # noqa: PLC0415 - brings a JavaScript engine: only who draws pays for it

    whole = {
        "$schema": _SCHEMA,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "width": width,
        "config": _THEME,
        **spec,
    }
    svg: str = vl_convert.vegalite_to_svg(json.dumps(whole, allow_nan=False), allowed_base_urls=[])
    return Markup(svg)  # noqa: S704 - Vega escapes every text that it draws


def safe_rows(rows: Sequence[Row]) -> list[Row]:
    """`rows` as a plot can hold them: text made harmless, and without those that have a number that is none."""
    return [
        {key: printable(value) if isinstance(value, str) else value for key, value in row.items()}
        for row in rows
        if all(isfinite(value) for value in row.values() if isinstance(value, float))
    ]


def data(rows: Sequence[Row]) -> Spec:
    """`rows` as the data of a layer."""
    return {"values": safe_rows(rows)}
