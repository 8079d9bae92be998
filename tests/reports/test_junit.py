"""JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from pulsegate.reports.junit import render_junit


def test_each_clause_is_a_case_of_its_surface(record):
    """Suites are surfaces, cases are clauses, and the counts add up."""
    root = ET.fromstring(render_junit(record))
    assert {suite.get("name"): suite.get("tests") for suite in root} == {"sse": "4", "rt": "1", "kit": "1", "load": "3"}
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("9", "1", "3")


def test_a_failure_carries_both_sides_and_the_remedy(record):
    """A failure's text is enough to act on, whatever characters the target sent."""
    failure = ET.fromstring(render_junit(record)).find(".//failure")
    assert "text/event-stream" in failure.get("message")
    assert "proxy_pass" in failure.text
    assert "<script>" in failure.text


def test_a_failure_that_does_not_decide_is_skipped(record):
    """CI turns red on deciding failures only."""
    record.clauses[1].decides = False
    root = ET.fromstring(render_junit(record))
    assert root.find(".//failure") is None
    assert root.get("skipped") == "4"


def test_a_load_that_lost_connections_is_a_failure(record):
    """What breaks the gate's verdict is red in JUnit too, with what went wrong how often."""
    record.connections.established = 1
    record.problems = {"sse: answered 503": 2}
    failure = ET.fromstring(render_junit(record)).find(".//testsuite[@name='load']//failure")
    assert failure.get("message") == "2 of 3 were not established"
    assert failure.text == "2 x sse: answered 503"
