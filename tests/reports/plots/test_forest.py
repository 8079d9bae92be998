"""Forest plots: where a change stands on the axis."""

from __future__ import annotations

import re

import pytest

from pulsegate.harness.record import Added, Estimate
from pulsegate.reports.plots.forest import added_plot, changes, comparison_plot, comparison_rows, reach_of


def added(value: float, low: float, high: float) -> Added:
    ratio = Estimate(value=value, low=low, high=high)
    return Added(pairs=6, direct=1.0, through=value, difference=Estimate(value=value - 1, low=0, high=2), ratio=ratio)


def test_rows_follow_what_decides(comparison):
    """What broke first, the advisory last; each is said in words."""
    rows = comparison_rows(comparison)
    assert [row.tone for row in rows] == ["worse", "held", "open", "worse"]
    assert rows[0].words == "✘ gap between tokens, p95: FAIL, +20.0 % (+15.0 % to +25.0 %)"
    assert rows[-1].words.startswith("✘ connecting a stream, p95: advisory, worse, +300.0 %")


def test_changes_keep_their_order_on_the_axis(comparison):
    """Worse is to the right; a bound that is not known reaches the end, and so does what lies beyond it."""
    rows = {row.words.split(":")[0][2:]: row for row in comparison_rows(comparison)}
    end = 1 + reach_of(comparison)
    gap = rows["gap between tokens, p95"]
    assert 1 < gap.allowed < gap.low < gap.value < gap.high < end
    assert rows["connecting a stream, p95"].high == end
    assert 1 / end <= rows["time to first token, p95"].low < 1


def test_single_pairs_are_shares(comparison):
    """Pairs that count, and have the figure on both sides."""
    assert changes(comparison.pairs, "token_gap_p95") == pytest.approx([0.2, 0.1])
    assert changes(comparison.pairs, "connect_p95") == []


def test_a_comparison_without_figures_has_no_plot(comparison):
    """As when B failed its contract before the first pair."""
    assert comparison_plot(comparison.model_copy(update={"quantities": {}})) is None


def test_the_picture_has_a_bar_for_each_row(comparison):
    """Each in the colour of its finding, in both widths; no text of it is taken as markup."""
    plot = comparison_plot(comparison)
    assert plot is not None
    for picture in (plot.wide, plot.narrow):
        colours = re.findall(r'stroke="var\(--(failed|passed|not_measured)\)"', picture)
        assert sorted(colours) == ["failed", "failed", "not_measured", "passed"]
    assert "+20.0 % (+15.0 % to +25.0 %)" in plot.wide
    assert "(+15.0 % to +25.0 %)" not in plot.narrow, "a phone has no room for it"


def test_a_name_of_a_configuration_stays_text(hostile):
    """It comes from a file of the user, or of somebody else."""
    plot = added_plot({hostile: added(400.0, 300.0, 500.0), "fast": added(1.0, 0.8, 1.2)}, "Added")
    assert "<script" not in plot.wide
    assert "&lt;script&gt;" in plot.wide
    assert "400" in plot.wide
