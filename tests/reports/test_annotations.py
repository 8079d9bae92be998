"""GitHub's workflow commands."""

from __future__ import annotations

from pulsegate.harness.record import ProxyFinding, Verdict
from pulsegate.reports.annotations import MOST, render_annotations


def test_a_failed_clause_is_an_error_beside_the_profile(record):
    """The file is the profile that was checked; the text says both sides and the cause, on one line."""
    record.clauses[1].actual = "text/html"
    [line] = render_annotations(record).splitlines()
    assert line == (
        "::error file=p.toml,title=Pulsegate SSE-1::answers an event stream%0Aexpected text/event-stream"
        "%0Aactual text/html%0Athe front end answers"
    )


def test_a_finding_stands_at_its_line(record):
    """Where a line of a configuration breaks a clause, that line is marked."""
    finding = ProxyFinding(
        config="a", file="conf.d/a,b.conf", line=12, directive="proxy_buffering on;", clause="PROXY-1",
        effect="held back", remedy="turn it off", kind="measured",
    )  # fmt: skip
    lines = render_annotations(record.model_copy(update={"clauses": [], "findings": [finding]})).splitlines()
    assert lines == ["::error file=conf.d/a%2Cb.conf,line=12,title=Pulsegate PROXY-1::held back%0Aturn it off"]


def test_worse_figures_thresholds_and_counts_are_errors(record, comparison):
    """Whatever breaks a verdict is said, the advisory not."""
    broken = record.model_copy(
        update={"clauses": [], "comparison": comparison, "broken_thresholds": ["sse.connect.p95_ms is 301"]}
    )
    assert render_annotations(broken).splitlines() == [
        "::error file=p.toml,title=Pulsegate threshold::sse.connect.p95_ms is 301",
        "::error title=Pulsegate build B::2 connections dropped",
        "::error title=Pulsegate worse than build A::gap between tokens, p95 +20.0 %25, 5 %25 allowed",
    ]


def test_a_target_begins_no_command_of_its_own(record, hostile):
    """Line breaks are escaped: what a server sends cannot end a line and set an output or mask a word."""
    record.clauses[1].actual = f"{hostile}\r\n::stop-commands::x\n::add-mask::e"
    lines = render_annotations(record).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("::error ")
    assert "\x1b" not in lines[0]


def test_many_failures_are_counted(record):
    """GitHub shows ten; the tenth says how many more there are."""
    many = [record.clauses[1].model_copy(update={"id": f"SSE-{number}"}) for number in range(15)]
    lines = render_annotations(record.model_copy(update={"clauses": many})).splitlines()
    assert len(lines) == MOST
    assert lines[-1] == "::error title=Pulsegate::6 more failures: see the report"


def test_what_was_not_measured_is_a_warning(record):
    """Exit code 3 breaks nothing, but somebody should look; what held says nothing."""
    for code, expected in ((3, "::warning title=Pulsegate::not measured\n"), (0, "")):
        verdict = Verdict(exit_code=code, sentence="not measured")
        assert render_annotations(record.model_copy(update={"clauses": [], "verdict": verdict})) == expected


def test_a_failure_without_a_clause_is_said(record):
    """Dropped connections break a load, and no clause says so."""
    verdict = Verdict(exit_code=1, sentence="3 of 9 connections were dropped")
    said = render_annotations(record.model_copy(update={"clauses": [], "verdict": verdict}))
    assert said == "::error title=Pulsegate::3 of 9 connections were dropped\n"
