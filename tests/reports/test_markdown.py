"""Markdown for a pull request."""

from __future__ import annotations

from pulsegate.reports.markdown import render_markdown


def test_the_verdict_stands_first(record):
    """The first line is the verdict."""
    assert render_markdown(record).splitlines()[0] == "## Pulsegate check: 2 passed of 6, 1 not measured"


def test_the_first_screen_is_that_of_the_page(record):
    """Verdict in a word, counts and target come before all else; the machine stands at the end."""
    lines = render_markdown(record).splitlines()
    assert lines[2].startswith(
        "**Broken**: 1 failed, 1 accepted deviation, 1 not measured, 1 not offered, 2 passed. Target `http://127.0.0.1:1`"
    )
    assert lines[-1] == "<sub>Pulsegate 1, Python 3.11, 2 CPUs, linux</sub>"


def test_failures_stand_before_the_grid(record):
    """What broke comes before what held."""
    text = render_markdown(record)
    assert text.index("### ✘ SSE-1") < text.index("| surface | clauses |")
    assert "| SSE | ✔2 ✘1 ≈3 ○8 |" in text


def test_hostile_text_is_escaped(record):
    """Markup of the target does not become markup of the report."""
    line = next(line for line in render_markdown(record).splitlines() if line.startswith("- actual"))
    assert "\\<script\\>" in line
    assert "\\|" in line
    assert "\x1b" not in line


def test_a_fence_in_a_remedy_does_not_end_the_block(record):
    """A remedy that holds a fence is fenced by a longer one."""
    record.clauses[1].remedy = "```\nx\n```"
    assert "````text\n```\nx\n```\n````" in render_markdown(record)


def test_the_load_is_told_in_numbers(record):
    """Connections and what went wrong how often stand in the report."""
    record.problems = {"sse: answered 503": 2}
    text = render_markdown(record)
    assert "3 of 3 connections, peak 3, 0 dropped" in text
    assert "- 2 x sse: answered 503" in text
