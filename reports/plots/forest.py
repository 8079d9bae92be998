"""Forest plots: one row a quantity, its change with an interval, on a logarithmic axis of ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulsegate.harness.record import Added
from pulsegate.harness.record.comparison import Compared, Comparison, Pair
from pulsegate.reports.comparison import LOOKS, bounds, in_order, percent
from pulsegate.reports.plots.drawing import WHOLE, Plot, Row, Spec, data, drawn
from pulsegate.reports.proxy import short_figure

#: The axis of a comparison shows at least this much to both sides, and never more than this.
_LEAST, _MOST = 0.10, 1.0
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5)
_RATIOS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000)
_ROW = 40
#: A logarithmic axis has no 0.
_SMALLEST = 1e-3
_HOW_TO_READ = (
    "The large dot is the mean change, the bar lies between its one-sided bounds, small dots are single pairs, "
    "the upright mark is what is allowed."
)
_COLOURS = {"worse": "var(--failed)", "held": "var(--passed)", "open": "var(--not_measured)"}


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One quantity: ratios, 1 is no change. `words` stand over the row, on a phone `brief`; `dots` are single pairs."""

    brief: str
    words: str
    low: float
    value: float
    high: float
    tone: str = "open"
    allowed: float | None = None
    dots: Sequence[float] = field(default_factory=tuple)


def comparison_plot(comparison: Comparison) -> Plot | None:
    """The plot of B against A; None where nothing was compared."""
    rows = comparison_rows(comparison)
    if not rows:
        return None
    reach = reach_of(comparison)
    ticks = [tick for tick in _TICKS if tick < reach][-2:]
    places = [*(1 - tick for tick in reversed(ticks)), 1.0, *(1 + tick for tick in ticks)]
    axis = _Axis((1 / (1 + reach), 1 + reach), places, "datum.value == 1 ? '0' : format(datum.value - 1, '+.0%')")
    return _plot(rows, axis, "How much more B has than A (more is worse)", _HOW_TO_READ)


def comparison_rows(comparison: Comparison) -> list[ForestRow]:
    """What decides first, and of that what broke."""
    names = {id(one): name for name, one in comparison.quantities.items()}
    low, high = 1 / (1 + reach_of(comparison)), 1 + reach_of(comparison)
    return [_compared(one, changes(comparison.pairs, names[id(one)]), (low, high)) for one in in_order(comparison)]


def _compared(one: Compared, dots: Sequence[float], ends: tuple[float, float]) -> ForestRow:
    look, (low, high) = LOOKS[one.finding], ends
    word = look.word if one.decides else f"advisory, {one.finding}"

    def within(share: float | None, unknown: float) -> float:
        return unknown if share is None else min(max(1 + share, low), high)

    return ForestRow(
        brief=f"{look.symbol} {one.title}: {percent(one.change.value)}",
        words=f"{look.symbol} {one.title}: {word}, {percent(one.change.value)} ({bounds(one.change)})",
        low=within(one.change.low, low),
        value=within(one.change.value, low),
        high=within(one.change.high, high),
        tone=one.finding,
        allowed=within(one.allowed, high),
        dots=[within(dot, low) for dot in dots],
    )


def changes(pairs: Sequence[Pair], name: str) -> list[float]:
    """How much more B had than A, pair by pair, as shares; of the pairs that count and have both."""
    both = [(pair.a.figures.get(name), pair.b.figures.get(name)) for pair in pairs if not pair.left_out]
    return [b / a - 1 for a, b in both if a and b]


def reach_of(comparison: Comparison) -> float:
    """How large a change the axis shows, as a share."""
    seen = [_LEAST]
    for one in comparison.quantities.values():
        seen += [abs(one.change.value), one.allowed]
        seen += [abs(bound) for bound in (one.change.low, one.change.high) if bound is not None]
    return min(1.1 * max(seen), _MOST)


def added_plot(added: Mapping[str, Added], title: str) -> Plot:
    """What proxies add, by configuration: an interval that holds 1 adds nothing that was seen."""
    rows = [_added(name, one) for name, one in added.items()]
    low = min(0.5, *(row.low for row in rows))
    high = max(2.0, *(row.high for row in rows))
    places = [ratio for ratio in _RATIOS if low <= ratio <= high]
    if len(places) > 7:
        places = [ratio for ratio in places if f"{ratio:g}".strip("0.") == "1"]
    return _plot(
        rows, _Axis((low, high), places, "format(datum.value, '~g') + 'x'"), title, "Ratios, with their 95 % intervals."
    )


def _added(name: str, added: Added) -> ForestRow:
    ratio, difference = added.ratio, added.difference
    sign = "+" if difference.value >= 0 else "-"
    words = (
        f"{name}: {short_figure(ratio.value)}x ({short_figure(ratio.low)} to {short_figure(ratio.high)}), "
        f"{sign}{short_figure(abs(difference.value))} {added.unit}"
    )
    low, value, high = (max(one, _SMALLEST) for one in (ratio.low, ratio.value, ratio.high))
    return ForestRow(f"{name}: {short_figure(ratio.value)}x", words, low, value, high)


@dataclass(frozen=True, slots=True)
class _Axis:
    """The ratios at both ends, those that are marked, and how a mark is labelled (a Vega expression)."""

    ends: tuple[float, float]
    marked: Sequence[float]
    label: str


def _plot(rows: Sequence[ForestRow], axis: _Axis, title: str, caption: str) -> Plot:
    return drawn(
        _forest(rows, axis, [one.words for one in rows]),
        title=title,
        caption=caption,
        words="; ".join(one.words for one in rows),
        width=WHOLE,
        on_phone=_forest(rows, axis, [one.brief for one in rows]),
    )


def _forest(rows: Sequence[ForestRow], axis: _Axis, headings: Sequence[str]) -> Spec:
    """Rows from top to bottom, each under its heading."""
    table: list[Row] = [
        {"row": number, "heading": headings[number], "low": one.low, "value": one.value, "high": one.high,
         "tone": one.tone}
        for number, one in enumerate(rows)
    ]  # fmt: skip
    dots: list[Row] = [{"row": number, "at": dot} for number, one in enumerate(rows) for dot in one.dots]
    allowed: list[Row] = [
        {"row": number, "at": one.allowed} for number, one in enumerate(rows) if one.allowed is not None
    ]
    down = {"field": "row", "type": "ordinal", "axis": None, "scale": {"domain": list(range(len(rows)))}}
    tone = {
        "field": "tone", "type": "nominal", "legend": None,
        "scale": {"domain": list(_COLOURS), "range": list(_COLOURS.values())},
    }  # fmt: skip

    def across(field: str) -> Spec:
        return {
            "field": field, "type": "quantitative", "title": None,
            "scale": {"type": "log", "domain": list(axis.ends), "nice": False},
            "axis": {"values": list(axis.marked), "labelExpr": axis.label, "grid": False},
        }  # fmt: skip

    def layer(values: list[Row], mark: Spec, field: str, **more: Spec) -> Spec:
        return {"data": data(values), "mark": mark, "encoding": {"x": across(field), "y": down, **more}}

    none = {"type": "rule", "color": "var(--soft)"}
    tick = {"type": "tick", "color": "var(--ink)", "thickness": 2, "height": 18, "yOffset": 6}
    pair = {"type": "point", "filled": True, "color": "var(--soft)", "size": 16, "opacity": 0.6, "yOffset": 14}
    interval = {"type": "rule", "strokeWidth": 3, "yOffset": 6}
    mean = {"type": "point", "filled": True, "size": 90, "opacity": 1, "yOffset": 6}
    heading = {"type": "text", "align": "left", "yOffset": -10}
    return {
        "height": _ROW * len(rows),
        "layer": [
            {"data": data([{"at": 1.0}]), "mark": none, "encoding": {"x": across("at")}},
            layer(allowed, tick, "at"),
            layer(dots, pair, "at"),
            layer(table, interval, "low", x2={"field": "high"}, color=tone),
            layer(table, mean, "value", color=tone),
            {
                "data": data(table),
                "mark": heading,
                "encoding": {"x": {"value": 0}, "y": down, "text": {"field": "heading"}},
            },
        ],
    }
