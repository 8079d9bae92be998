"""Where the generator was too late to know some samples, every report says how many are known."""

from __future__ import annotations

import io
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from pulsegate.harness.record import Connections, Limit, Measured
from pulsegate.reports.html import render_html
from pulsegate.reports.junit import render_junit
from pulsegate.reports.markdown import render_markdown
from pulsegate.reports.measured import load_summary
from pulsegate.reports.text import print_report


def text(record) -> str:
    output = io.StringIO()
    print_report(record, Console(file=output, width=200))
    return output.getvalue()


@pytest.mark.parametrize("render", [text, render_markdown, render_html])
def test_counts_say_of_how_many(record, render):
    """A metric that lost samples shows how many are known, of how many; the others just their count."""
    count = record.metrics["sse.connect"].count
    assert f"{count} of {count + 2}" not in render(record)
    shown = render(record.model_copy(update={"spoiled": {"sse.connect": 2, "ws.connect": 5}}))
    assert f"{count} of {count + 2}" in shown
    assert "0 of 5" in shown
    assert "ws.connect was not measured: 0 of 5 samples are known, so no band and no threshold judges it" in shown


def test_a_lost_metric_is_a_skipped_case(record):
    """JUnit knows no half of a figure: what could not be judged is skipped, with the reason."""
    lost = record.model_copy(update={"spoiled": {"ws.connect": 5}, "connections": Connections(attempted=5)})
    root = ET.fromstring(render_junit(lost))
    [case] = [case for case in root.iter("testcase") if case.get("name") == "measures ws.connect"]
    assert case.find("skipped").get("message").startswith("ws.connect was not measured: 0 of 5")


def test_a_search_that_met_no_limit_speaks_of_no_knee():
    """Where no band degraded, the most users that were tried are no limit."""
    unmet, met = Limit(knee_users=120), Limit(knee_users=80, degraded_users=120, reason="sse.connect: 9 %")
    assert load_summary(Measured(limit=unmet)) == "load; no band degraded up to 120 users"
    assert load_summary(Measured(limit=met)) == "load; knee at 80 users"
