"""The forest plot of a comparison: one row a figure, its change with bounds. Places only; the page draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from pulsegate.harness.record.comparison import Compared, Comparison, Pair
from pulsegate.reports.comparison import LOOKS, amount, bounds, in_order, percent

#: The axis in a picture's own units, from its left edge to its right one.
WIDTH = 1000.0
#: The axis shows at least this much to both sides, and never more than this.
_LEAST, _MOST = 0.10, 1.0
#: A label nearer to an end than this would be cut.
_EDGE = 0.03 * WIDTH
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One figure; places are on the axis. `dots` are the single pairs."""

    title: str
    symbol: str
    word: str
    finding: str
    decides: bool
    words: str
    low: float
    value: float
    high: float
    allowed: float
    dots: Sequence[float]


@dataclass(frozen=True, slots=True)
class Forest:
    """All rows, and the labelled places of their common axis."""

    rows: Sequence[ForestRow]
    ticks: Sequence[tuple[float, str]]
    zero: float


def forest(comparison: Comparison) -> Forest | None:
    """The plot; None where nothing was compared."""
    if not comparison.quantities:
        return None
    axis = _Axis(_reach(comparison))
    names = {id(one): name for name, one in comparison.quantities.items()}
    rows = [_row(one, axis, changes(comparison.pairs, names[id(one)])) for one in in_order(comparison)]
    return Forest(rows, axis.ticks(), axis.place(0.0))


def changes(pairs: Sequence[Pair], name: str) -> list[float]:
    """How much more B had than A, pair by pair, as shares; of the pairs that count and have both."""
    both = [(pair.a.figures.get(name), pair.b.figures.get(name)) for pair in pairs if not pair.left_out]
    return [b / a - 1 for a, b in both if a and b]


class _Axis:
    """Changes to places: their logarithms, so that twice and half are equally far from none."""

    def __init__(self, reach: float) -> None:
        self._reach = log(1 + reach)

    def place(self, share: float | None, edge: float = 0.0) -> float:
        """Where `share` is, at most the axis's end; `edge` for one that is not known."""
        if share is None:
            return edge
        at = log(max(1 + share, 1e-9)) / self._reach
        return round(WIDTH / 2 * (1 + min(max(at, -1.0), 1.0)), 1)

    def ticks(self) -> list[tuple[float, str]]:
        """About five round changes."""
        shown = [tick for tick in _TICKS if log(1 + tick) < 0.98 * self._reach][-2:]
        shares = [*(-tick for tick in reversed(shown)), 0.0, *shown]
        places = [(self.place(share), f"{100 * share:+.0f} %" if share else "0") for share in shares]
        return [(place, label) for place, label in places if _EDGE < place < WIDTH - _EDGE]


def _reach(comparison: Comparison) -> float:
    seen = [_LEAST]
    for one in comparison.quantities.values():
        seen += [abs(one.change.value), one.allowed]
        seen += [abs(bound) for bound in (one.change.low, one.change.high) if bound is not None]
    return min(1.1 * max(seen), _MOST)


def _row(one: Compared, axis: _Axis, dots: Sequence[float]) -> ForestRow:
    look = LOOKS[one.finding]
    words = (
        f"{percent(one.change.value)} ({bounds(one.change)}), {amount(one.a)} to {amount(one.b)} {one.unit}; "
        f"up to {100 * one.allowed:.0f} % allowed"
    )
    return ForestRow(
        title=one.title,
        symbol=look.symbol,
        word=look.word if one.decides else f"advisory: {one.finding}",
        finding=one.finding,
        decides=one.decides,
        words=words,
        low=axis.place(one.change.low),
        value=axis.place(one.change.value),
        high=axis.place(one.change.high, WIDTH),
        allowed=axis.place(one.allowed),
        dots=[axis.place(dot) for dot in dots],
    )
