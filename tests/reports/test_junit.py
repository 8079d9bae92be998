"""JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from pulsegate.harness.record import Exchanges, Moment
from pulsegate.reports.junit import render_junit


def test_each_clause_is_a_case_of_its_surface(record):
    """Suites are surfaces, cases are clauses, and the counts add up."""
    root = ET.fromstring(render_junit(record))
    assert {suite.get("name"): suite.get("tests") for suite in root} == {"sse": "4", "rt": "1", "kit": "1", "load": "4"}
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("10", "1", "3")


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
    record.connections.established, record.connections.failed = 1, 2
    record.problems = {"sse: answered 503": 2}
    failure = ET.fromstring(render_junit(record)).find(".//testsuite[@name='load']//failure")
    assert failure.get("message") == "2 of 3 were not established"
    assert failure.text == "2 x sse: answered 503"


def test_a_broken_threshold_is_a_failure(record):
    """A limit that was not kept is red, and names the figure."""
    record.broken_thresholds = ["sse.connect.p95_ms is 301, over its limit of 300 (1 of 3 samples above)"]
    failure = ET.fromstring(render_junit(record)).find(".//testcase[@name='keeps its thresholds']/failure")
    assert failure.get("message") == record.broken_thresholds[0]


def test_thresholds_are_a_case_where_there_are_any(record):
    """Nobody is told that limits were kept which nobody set."""
    path = ".//testcase[@name='keeps its thresholds']"
    assert ET.fromstring(render_junit(record)).find(path) is None
    record.thresholds = {"sse.connect.p95_ms": 300}
    assert ET.fromstring(render_junit(record)).find(f"{path}/failure") is None
    assert ET.fromstring(render_junit(record)).find(path) is not None


def test_a_skipped_case_has_a_short_reason(record):
    """One line, without the name of its surface, and not too long."""
    record.clauses[-1].reason = "rt: 405\nat /api"
    record.clauses[3].reason = "x" * 500
    reasons = [one.get("message") for one in ET.fromstring(render_junit(record)).iter("skipped")]
    assert "not offered: 405 at /api" in reasons
    assert max(map(len, reasons)) < 210


def test_a_load_lasted_as_long_as_its_timeline(record):
    """The time of its suite is that of the load."""
    record.timeline = [Moment(at_s=0), Moment(at_s=1, width_s=1.5)]
    assert ET.fromstring(render_junit(record)).find("testsuite[@name='load']").get("time") == "2.500"


def test_requests_that_failed_are_a_failure(record):
    """Failed requests are red; those that were still being answered are not."""
    record.exchanges = Exchanges(due=5, sent=5, completed=2, failed=1, unfinished=2)
    failure = ET.fromstring(render_junit(record)).find(".//testcase[@name='answers every request']/failure")
    assert failure.get("message") == "1 of 5 failed"
