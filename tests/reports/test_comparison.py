"""How a comparison of builds is shown: verdict first, one row a figure, nothing trusted that was given from outside."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from pulsegate.harness.record import RunRecord, Verdict
from pulsegate.harness.record.comparison import (
    Change,
    Compared,
    ComparedBuild,
    Comparison,
    Pair,
    Planned,
    RunFigures,
)
from pulsegate.reports.comparison import percent, probability
from pulsegate.reports.comparison_plot import WIDTH, changes, forest
from pulsegate.reports.html import render_html
from pulsegate.reports.junit import render_junit
from pulsegate.reports.markdown import render_markdown
from pulsegate.reports.text import print_report


def compared(title: str, finding: str, change: Change, **members) -> Compared:
    given = {
        "unit": "ms", "decides": True, "runs": 6, "a": 100.0, "b": 100.0 * (1 + change.value), "typical": change,
        "allowed": 0.05, "p_worse": 0.00001, "p_signed_rank": 0.0156, "level": 0.0027, "scatter": 0.04,
        "smallest_effect": 0.12,
    }  # fmt: skip
    return Compared(title=title, finding=finding, change=change, **(given | members))


@pytest.fixture
def comparison(hostile) -> Comparison:
    """One figure worse, one held, one open, one advisory and worse; three pairs, one left out."""
    quantities = {
        "token_gap_p95": compared("gap between tokens, p95", "worse", Change(value=0.2, low=0.15, high=0.25)),
        "first_token_p50": compared("time to first token, p50", "held", Change(value=0.01, low=-0.02, high=0.03)),
        "first_token_p95": compared("time to first token, p95", "open", Change(value=0.04, low=-0.3, high=0.4)),
        "connect_p95": compared(
            "connecting a stream, p95", "worse", Change(value=3.0, low=2.0, high=None), decides=False
        ),
    }
    figures = {"token_gap_p95": 50.0}
    pairs = [
        Pair(order="ab", a=RunFigures(figures=figures), b=RunFigures(figures={"token_gap_p95": 60.0})),
        Pair(order="ba", a=RunFigures(figures=figures), b=RunFigures(figures={"token_gap_p95": 55.0})),
        Pair(
            order="ba", a=RunFigures(figures=figures), b=RunFigures(figures={"token_gap_p95": 500.0}), left_out="late"
        ),
    ]
    return Comparison(
        finding="worse",
        sentence="FAIL: B is worse: gap between tokens, p95 +20.0 %",
        a=ComparedBuild(kind="command", what=f"serve {hostile} ```"),
        b=ComparedBuild(kind="url", what="http://127.0.0.1:2"),
        planned=Planned(
            pairs=18, looks=[6, 10, 18], levels=[0.01, 0.02, 0.03], decides=["token_gap_p95"], streams=200, rate=20,
            duration_s=10,
        ),
        used=6,
        quantities=quantities,
        missing={"memory_per_connection": "a server that was there before"},
        broken=["2 connections dropped"],
        remarks=[f"A has failures of its own: {hostile}"],
        pairs=pairs,
    )  # fmt: skip


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
    """One row of the plot a figure, each said in words for who does not see it; outside text is escaped."""
    page = render_html(compare_record)
    assert page.count('class="row ') == 4
    assert 'aria-label="gap between tokens, p95: FAIL, +20.0 % (+15.0 % to +25.0 %), 100 to 120 ms' in page
    assert "<script>alert" not in page
    assert page.count('class="dot"') == 2, "the pair that was left out is not drawn"


def test_places_on_the_axis_follow_the_changes(comparison):
    """No change is in the middle, worse to the right; a bound that is not known reaches the edge."""
    drawn = forest(comparison)
    assert drawn is not None
    rows = {row.title: row for row in drawn.rows}
    gap = rows["gap between tokens, p95"]
    assert drawn.zero == WIDTH / 2 < gap.allowed < gap.low < gap.value < gap.high < WIDTH
    assert rows["connecting a stream, p95"].high == WIDTH
    assert 0 <= rows["time to first token, p95"].low < WIDTH / 2
    assert [label for _, label in drawn.ticks if label == "0"] == ["0"]
    assert [place for place, _ in drawn.ticks] == sorted(place for place, _ in drawn.ticks)


def test_single_pairs_are_shares(comparison):
    """Pairs that count, and have the figure on both sides."""
    assert changes(comparison.pairs, "token_gap_p95") == pytest.approx([0.2, 0.1])
    assert changes(comparison.pairs, "connect_p95") == []


def test_a_comparison_without_figures_has_no_plot(comparison):
    """As when B failed its contract before the first pair."""
    assert forest(comparison.model_copy(update={"quantities": {}})) is None


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
