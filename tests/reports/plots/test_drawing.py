"""From a specification to an SVG in the page."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from pulsegate.harness.record import RunRecord
from pulsegate.reports.html import render_html
from pulsegate.reports.plots import drawing, page
from pulsegate.reports.plots.drawing import HALF, PHONE, data, drawn

SPEC = {
    "height": 50,
    "mark": {"type": "line", "color": "var(--failed)"},
    "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}},
}
ROWS = [{"x": 1, "y": 2}, {"x": 2, "y": 3}]


def test_a_plot_comes_in_two_widths():
    """One for a wide page and one for a phone; both are whole documents, and fit."""
    plot = drawn({**SPEC, "data": data(ROWS)}, title="t", caption="c")
    widths = [float(ET.fromstring(picture).get("width")) for picture in (plot.wide, plot.narrow)]
    assert widths == [pytest.approx(HALF, abs=2), pytest.approx(PHONE, abs=2)]
    assert (plot.title, plot.caption, plot.words) == ("t", "c", "t: c")


def test_colours_are_those_of_the_page():
    """So that one picture is right in light and in dark."""
    plot = drawn({**SPEC, "data": data(ROWS)}, title="t", caption="c")
    assert 'stroke="var(--failed)"' in plot.wide
    assert "url(" not in plot.wide


def test_numbers_that_are_none_are_left_out():
    """An edited record may hold them; a plot cannot."""
    rows = [*ROWS, {"x": float("nan"), "y": 1.0}, {"x": 1.0, "y": float("inf")}]
    assert data(rows)["values"] == ROWS


def test_text_is_made_harmless(hostile):
    """Control characters are shown as what they are."""
    assert "\x1b" not in data([{"name": hostile}])["values"][0]["name"]


def test_a_page_without_the_library_says_so(record: RunRecord, monkeypatch):
    """The tables are there, and a sentence in place of the plots; a check alone misses nothing."""
    monkeypatch.setattr(page, "can_draw", lambda: False)
    assert "vl-convert-python, which draws them, is not installed" in render_html(record)
    alone = record.model_copy(update={"metrics": {}, "connections": None})
    assert "vl-convert" not in render_html(alone)


def test_the_library_is_there():
    """It is a dependency like any other."""
    assert drawing.can_draw()
