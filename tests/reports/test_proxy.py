"""A laboratory run as text, Markdown, JUnit and HTML, from a record alone."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from pulsegate.harness.record import (
    Added,
    ClauseResult,
    Environment,
    Estimate,
    ProxyConfiguration,
    ProxyFinding,
    RunRecord,
    TargetInfo,
    Verdict,
)
from pulsegate.reports.html import render_html
from pulsegate.reports.junit import render_junit
from pulsegate.reports.markdown import render_markdown
from pulsegate.reports.text import print_report

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def clause(clause_id, outcome, actual="", decides=True):
    return ClauseResult(
        id=clause_id, level="documented", surface="proxy", title="t", outcome=outcome, actual=actual, decides=decides
    )


def added(ratio, low, high):
    return Added(
        pairs=20,
        direct=2.0,
        through=2.0 * ratio,
        difference=Estimate(value=2 * ratio - 2, low=2 * low - 2, high=2 * high - 2),
        ratio=Estimate(value=ratio, low=low, high=high),
    )


@pytest.fixture
def record():
    held = ProxyConfiguration(
        file="/etc/nginx/held.conf",
        server="nginx 1.22.1",
        buffering="fully held",
        added={"first_event": added(40.0, 30.0, 55.0)},
        observations={"idle stream": "cut after 20.0 s (cut); measured with all times divided by 30"},
        clauses=[
            clause("PROXY-1", "failed", "fully held (RT): 40 events in 1 read"),
            clause("PROXY-3", "passed"),
            clause("SSE-14", "failed", "Content-Encoding: gzip", decides=False),
        ],
        patch="--- a/held.conf\n+++ b/held.conf\n@@ -3 +3 @@\n-gzip on;\n+gzip off;\n",
        repaired="/etc/nginx/held-repaired/held.conf: every clause holds",
    )
    direct = ProxyConfiguration(
        control=True,
        observations={"times": "heartbeats every 30 s, measured every 1 s"},
        clauses=[clause("SSE-14", "passed", decides=False)],
    )
    good = ProxyConfiguration(
        file="/etc/nginx/good.conf",
        buffering="live",
        added={"first_event": added(1.1, 0.9, 1.3)},
        clauses=[clause("PROXY-1", "passed"), clause("PROXY-3", "passed")],
    )
    finding = ProxyFinding(
        config="held", file="/etc/nginx/conf.d/<x>.conf", line=12, directive="gzip on;", clause="PROXY-1",
        effect="fully held (RT)", remedy="switch it off", kind="measured",
    )  # fmt: skip
    return RunRecord(
        command="proxy",
        started_at=NOW,
        finished_at=NOW,
        target=TargetInfo(url="http://127.0.0.1:8000"),
        environment=Environment(pulsegate="0", python="3.11", platform="Linux", cpus=2),
        verdict=Verdict(exit_code=1, sentence="1 of 2 configurations breaks a clause", passed=3, failed=1),
        configurations={"direct": direct, "held": held, "good": good},
        findings=[finding],
    )


def printed(record, *, quiet=False):
    console = Console(file=StringIO(), width=200, no_color=True)
    print_report(record, console, quiet=quiet)
    return console.file.getvalue()


def test_the_terminal_shows_grid_line_and_patch(record):
    """A row a configuration, the failure, the line that does it, and what to change."""
    text = printed(record)
    assert "direct" not in [line.split()[0] for line in text.splitlines() if line.strip()]
    assert "✘ held PROXY-1  fully held (RT): 40 events in 1 read" in text
    assert "conf.d/<x>.conf:12" in text
    assert "x40.0" in text
    assert "+gzip off;" in text
    assert "every clause holds" in text


def test_quiet_keeps_what_failed_and_what_was_proved(record):
    """Neither the grid nor the patch."""
    text = printed(record, quiet=True)
    assert "fully held (RT)" in text
    assert "+gzip off;" not in text


def test_every_form_says_on_what_and_with_which_times_it_was_measured(record):
    """The scaling belongs to the figures."""
    for text in (printed(record), render_markdown(record), render_html(record)):
        assert "nginx 1.22.1; heartbeats every 30 s, measured every 1 s" in text


def test_markdown_has_the_grid_and_the_findings(record):
    """Tables for a pull request; a name from outside opens no tag."""
    text = render_markdown(record)
    assert "| held | ✘ | ✔ | fully held |" in text
    assert "`conf.d/<x>.conf:12`" in text
    assert "~~~~diff" in text


def test_junit_has_a_suite_for_each_configuration(record):
    """What decides is a failure; the target's own clauses are not repeated."""
    root = ET.fromstring(render_junit(record))
    suites = {suite.get("name"): suite for suite in root.iter("testsuite")}
    assert set(suites) == {"proxy held", "proxy good"}
    assert (suites["proxy held"].get("tests"), suites["proxy held"].get("failures")) == ("2", "1")


def test_the_page_shows_plot_findings_and_lost_clauses(record):
    """One SVG, the finding escaped, and the target's clause that only fails through the proxy."""
    page = render_html(record)
    assert page.count('<figure class="plot"') == 1
    assert "conf.d/&lt;x&gt;.conf:12" in page
    assert "<x>" not in page
    assert "1 of the target's own clauses fail through it" in page
