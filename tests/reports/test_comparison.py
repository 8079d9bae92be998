"""How a comparison of builds is shown: verdict first, one row a figure, nothing trusted that was given from outside."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from pulsegate.harness.record import RunRecord, Verdict
from pulsegate.reports.comparison import percent, probability
from pulsegate.reports.html import render_html
from pulsegate.reports.junit import render_junit
from pulsegate.reports.markdown import render_markdown
from pulsegate.reports.text import print_report


@pytest.fixture
def compare_record(record, comparison) -> RunRecord:
    """A record of a comparison."""
    verdict = Verdict(exit_code=1, sentence=comparison.sentence)
    return record.model_copy(update={"command": "compare", "comparison": comparison, "clauses": [], "verdict": verdict})


def text_of(record: RunRecord) -> str:
    console = Console(width=160, force_terminal=False)
    with console.capture() as capture:
        print_report(record, console)
    return capture.get()


def test_the_terminal_shows_the_verdict_then_what_decides_then_the_rest(compare_record, hostile):
    """Worse first, advisory last; what was not measured, what failed and what could have been seen are said."""
    text = text_of(compare_record)
    places = [
        text.index(part)
        for part in (
            "FAIL: B is worse",
            "✘ gap between tokens, p95",
            "○ time to first token, p95",
            "connecting a stream, p95 (advisory)",
            "✘ 2 connections dropped",
            "○ memory_per_connection was not measured",
        )
    ]
    assert places == sorted(places)
    assert "only a change of +12.0 % or more is seen four times of five" in text
    assert "\x1b[31m" not in text


def test_markdown_has_the_same_first_screen(compare_record):
    """The verdict is the heading; the table has one row a figure; what a build is called cannot break out."""
    text = render_markdown(compare_record)
    assert text.startswith("## Pulsegate compare: FAIL: B is worse: gap between tokens, p95 +20.0 %")
    assert "| ✘ | gap between tokens, p95 | 100 ms | 120 ms | +20.0 % | +15.0 % to +25.0 % | 5 % |" in text
    assert "````text\nA: serve <script>" in text, "the fence is longer than any in it"
    assert "\\<script\\>" in text, "outside a fence, markup is escaped"


def test_junit_has_a_case_for_each_figure(compare_record):
    """What decides and is worse fails; open and advisory are skipped; so is what was not measured."""
    root = ET.fromstring(render_junit(compare_record).encode())
    [suite] = [one for one in root if one.get("name") == "comparison"]
    outcomes = {case.get("name"): [child.tag for child in case] for case in suite}
    assert outcomes == {
        "nothing of B failed": ["failure"],
        "gap between tokens, p95 is no worse": ["failure"],
        "time to first token, p50 is no worse": [],
        "time to first token, p95 is no worse": ["skipped"],
        "connecting a stream, p95 is no worse": ["skipped"],
        "memory_per_connection is no worse": ["skipped"],
    }
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("6", "2", "3")


def test_the_page_shows_the_plot_and_the_table(compare_record, hostile):
    """Both builds, the plot said in words for who does not see it, one row a figure; outside text is escaped."""
    page = render_html(compare_record)
    assert 'aria-label="How much more B has than A (more is worse): ✘ gap between tokens, p95: FAIL, +20.0 %' in page
    assert page.count('<td class="n" data-name="allowed">5 %</td>') == 4, "what is allowed, of each figure"
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "+0.0 %"), (-0.314, "-31.4 %"), (9.0, "+900.0 %"), (99.0, "x100"), (None, "?")]
)
def test_changes_are_percent_until_they_are_multiples(share, text):
    """A hundredfold is not +9900 %."""
    assert percent(share) == text


@pytest.mark.parametrize(("value", "text"), [(None, ""), (0.00003, "< 0.0001"), (0.0156, "0.0156"), (1.0, "1.0000")])
def test_p_values_are_as_long_as_they_tell(value, text):
    """Four places, and never a zero."""
    assert probability(value) == text
