"""The terminal report."""

from __future__ import annotations

import io

from rich.console import Console

from pulsegate.reports.measured import in_order
from pulsegate.reports.text import closing_line, headline, print_report


def shown(record, **options) -> str:
    output = io.StringIO()
    print_report(record, Console(file=output, width=160), **options)
    return output.getvalue()


def test_the_grid_has_a_mark_for_every_clause(record):
    """Each clause stands in its surface's row with its outcome's symbol."""
    text = shown(record)
    row = next(line for line in text.splitlines() if line.startswith("SSE"))
    assert "/api" in row
    for mark in ("✔2", "✘1", "≈3", "○8"):
        assert mark in row
    assert "✔8" in next(line for line in text.splitlines() if line.startswith("KIT"))


def test_parts_stand_one_blank_line_apart(record):
    """Also behind the figures of a load that nothing is to be said against, where the path of the page follows."""
    held = record.model_copy(update={"clauses": [], "warnings": []})
    text = shown(held)
    assert text.endswith(" %\n\n")
    assert "\n\n\n" not in text


def test_a_failure_shows_evidence_remedy_and_curl(record):
    """A failed clause says what was expected, what came, why, what to do and how to see it."""
    text = shown(record)
    for part in ("SSE-1", "text/event-stream", "text/html", "the front end answers", "proxy_pass", "curl -N"):
        assert part in text


def test_what_was_not_measured_is_named_with_its_reason(record):
    """Nothing is left out silently: not measured, not offered, measured in part, accepted, warned."""
    text = shown(record)
    for part in (
        "SSE-8: no identity",
        "RT: 405 at /api",
        "KIT-8: only the header was tried",
        "SSE-3  forbids caching: ticket 7",
        "not offered (404 at /health)",
    ):
        assert part in text


def test_a_surface_that_is_not_offered_is_named_once(record):
    """Its clauses are neither marked in the grid nor listed one by one."""
    lines = shown(record).splitlines()
    assert [line.split() for line in lines if line.startswith("RT")] == [["RT", "·", "not", "offered"]]
    assert not any("RT-1" in line for line in lines)


def test_quiet_shows_failures_only(record):
    """--quiet leaves the failures."""
    text = shown(record, quiet=True)
    assert "SSE-1" in text
    assert "SSE-8" not in text
    assert "surface" not in text


def test_a_target_cannot_steer_the_terminal(record):
    """Control characters from the target are shown as escapes."""
    text = shown(record)
    assert "\x1b" not in text
    assert "\x00" not in text
    assert "\u202e" not in text
    assert "\\x1b[31m" in text


def test_load_figures_are_shown_with_their_bands(record):
    """A metric is shown with percentiles and band shares."""
    text = shown(record)
    assert "3 of 3 connections" in text
    rows = [line.split() for line in text.splitlines() if line.startswith("sse.connect")]
    assert rows == [
        ["sse.connect", "ms", "3", "2.00", "3.00", "3.00", "301.0"],
        ["sse.connect", "50.0", "%", "25.0", "%", "25.0", "%"],
    ]


def test_first_and_last_line_name_the_target(record):
    """Whoever reads only one end of a log knows which target was measured."""
    assert headline("check", record.target) == "pulsegate check: http://127.0.0.1:1, profile p.toml"
    last = closing_line(record, "runs/x")
    assert last == "http://127.0.0.1:1: 2 passed of 6, 1 not measured -> runs/x"


def test_the_grid_has_no_trailing_blanks(record):
    """Rows end where their last mark ends, so that a copied grid stays narrow."""
    assert [line for line in shown(record).splitlines() if line != line.rstrip()] == []


def test_the_event_in_question_is_shown(record):
    """Not the bytes that came first, but what the failure is about."""
    failed = next(clause for clause in record.clauses if clause.outcome == "failed")
    failed.received = "event 2 of 3, after 20.0 ms: data: x"
    assert "ended: clean; 40 bytes; event 2 of 3, after 20.0 ms: data: x" in shown(record)


def test_a_reason_is_said_once_for_all_it_concerns(record):
    """Passed clauses of which the same part was not measured share a line."""
    record.clauses += [
        clause.model_copy(update={"id": clause.id.replace("KIT", "RUN")})
        for clause in record.clauses
        if clause.id == "KIT-8"
    ]
    assert "KIT-8, RUN-8: only the header was tried" in shown(record)


def test_a_token_in_a_command_is_shown_with_what_prints_it(record):
    """The variables of the curl command are set by `pulsegate token`; the bundled server's secret is gone."""
    failed = next(clause for clause in record.clauses if clause.outcome == "failed")
    failed.curl = 'curl -H "Authorization: Bearer $ALICE_ALG_NONE_TOKEN" "http://127.0.0.1:1/api?x=${FRESH_1F2E3D4C5B6A_EXPIRED_TOKEN}y"'
    text = shown(record)
    assert "ALICE_ALG_NONE_TOKEN=$(pulsegate token alice-alg-none --profile p.toml)" in text
    assert "FRESH_1F2E3D4C5B6A_EXPIRED_TOKEN=$(pulsegate token fresh-1f2e3d4c5b6a-expired --profile p.toml)" in text

    record.target.reference = True
    assert "pulsegate token" not in shown(record)


def test_the_figures_fit_eighty_columns(record):
    """The longest name of a metric, with figures of five digits, is not wrapped."""
    [metric] = record.metrics.values()
    metric.max = 12345.6
    record.metrics = {"ws.agents.update_frequency": metric.model_copy(update={"count": 1_234_567})}
    output = io.StringIO()
    print_report(record, Console(file=output, width=80))
    rows = [line for line in output.getvalue().splitlines() if line.startswith("ws.agents.update_frequency")]
    assert len(rows) == 2
    assert rows[0].endswith("12345.6")


def test_the_most_telling_figures_come_first():
    """By surface, and the generator's own at the end."""
    names = ["generator.lag", "ws.connect", "sse.together", "sse.connect.tcp", "ws.agents.fan_out", "sse.heartbeat_gap"]
    names += ["sse.connect", "server.memory", "ws.agents.connect.tcp"]
    assert in_order(names) == [
        "sse.connect", "sse.heartbeat_gap", "sse.connect.tcp", "sse.together", "ws.connect", "ws.agents.fan_out",
        "ws.agents.connect.tcp", "server.memory", "generator.lag",
    ]  # fmt: skip


def test_many_kinds_of_problems_are_cut(record):
    """A hundred kinds of problems do not bury the verdict."""
    record.problems = {f"sse: problem {number}": 1 for number in range(100)}
    text = shown(record)
    assert "1 x sse: problem 11" in text
    assert "problem 12" not in text
    assert "and 88 more kinds of problems" in text
