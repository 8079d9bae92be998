"""JUnit XML: one suite a surface, one case a clause, as CI systems read it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from pulsegate.harness.record import ClauseResult, Connections, Exchanges, RunRecord
from pulsegate.reports.browser_junit import add_browser
from pulsegate.reports.comparison_junit import add_comparison
from pulsegate.reports.measured import lost_metrics
from pulsegate.reports.outcomes import LOOKS, by_surface, without_surface
from pulsegate.reports.proxy import configurations, judged
from pulsegate.reports.safe import xml_text

#: A longer reason of a skipped case is cut, in characters.
_LONGEST_REASON = 200


def render_junit(record: RunRecord) -> str:
    """Render `record`; a failure that does not decide at the run's level is shown as skipped."""
    root = ET.Element("testsuites", name=f"pulsegate {record.command}")
    for surface, clauses in by_surface(record.clauses):
        suite = ET.SubElement(root, "testsuite", name=surface, timestamp=record.started_at.isoformat())
        for clause in clauses:
            _add_case(suite, clause)
        _count(suite)
    for name, block in configurations(record).items():
        suite = ET.SubElement(
            root, "testsuite", name=xml_text(f"proxy {name}"), timestamp=record.started_at.isoformat()
        )
        for clause in judged(block):
            _add_case(suite, clause)
        _count(suite)
    if record.connections is not None:
        _add_load(root, record)
    if record.comparison is not None:
        _count(add_comparison(root, record.comparison, record.started_at.isoformat()))
    if record.browser is not None:
        _count(add_browser(root, record.browser, record.started_at.isoformat()))
    _count(root)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_case(suite: ET.Element, clause: ClauseResult) -> None:
    name = xml_text(f"{clause.id} {clause.title}")
    case = ET.SubElement(suite, "testcase", classname=clause.surface, name=name, time=f"{clause.duration_s:.3f}")
    if clause.outcome == "failed" and clause.decides:
        summary = xml_text(f"expected {clause.expected}; actual {clause.actual}")
        ET.SubElement(case, "failure", message=summary, type=clause.level).text = xml_text(_details(clause))
    elif clause.outcome != "passed":
        ET.SubElement(case, "skipped", message=xml_text(_short(clause)))


def _short(clause: ClauseResult) -> str:
    """Why a case is skipped, in one short line."""
    said = " ".join(f"{LOOKS[clause.outcome].word}: {without_surface(clause) or clause.actual}".split())
    return said if len(said) <= _LONGEST_REASON else f"{said[:_LONGEST_REASON]}..."


def _add_load(root: ET.Element, record: RunRecord) -> None:
    """What a load must keep, as cases of a suite of its own."""
    suite = ET.SubElement(root, "testsuite", name="load", timestamp=record.started_at.isoformat())
    seen = record.connections or Connections()
    problems = "\n".join(f"{count} x {problem}" for problem, count in record.problems.items())
    asked = record.exchanges or Exchanges()
    lasted_s = max((moment.at_s + moment.width_s for moment in record.timeline), default=0.0)
    back, ledger = record.reconnects, record.ledger
    connecting = [
        ("establishes every connection", seen.failed, f"{seen.failed} of {seen.attempted} were not established"),
        ("drops no connection", seen.dropped, f"{seen.dropped} of {seen.established} were dropped"),
    ]
    if back is not None:
        connecting = [
            (
                "brings every client back",
                back.away + back.gave_up - min(back.waiting, record.ours("interrupted")),
                f"{back.away} away, {back.gave_up} gave up",
            )
        ]
    if ledger is not None and ledger.received:
        lost, repeated = max(0, ledger.lost - record.ours("lost")), ledger.repeated - record.ours("repeated")
        connecting.append(("loses and repeats no event", lost + repeated, f"{lost} lost, {repeated} repeated"))
    failed = asked.failed - record.ours("requests_failed")
    cases = [
        *connecting,
        ("answers every request", failed, f"{failed} of {asked.sent} failed"),
    ]
    if record.thresholds or record.broken_thresholds:
        broken = record.broken_thresholds
        cases.append(("keeps its thresholds", len(broken), "; ".join(broken)))
    for name, count, failure in cases:
        case = ET.SubElement(suite, "testcase", classname="load", name=name, time="0.000")
        if count:
            ET.SubElement(case, "failure", message=failure, type="load").text = xml_text(problems)
    for metric, sentence in lost_metrics(record).items():
        case = ET.SubElement(suite, "testcase", classname="load", name=f"measures {metric}", time="0.000")
        ET.SubElement(case, "skipped", message=xml_text(sentence))
    case = ET.SubElement(suite, "testcase", classname="load", name="is not spoiled by the generator", time="0.000")
    if not record.validity.valid:
        ET.SubElement(case, "skipped", message=xml_text("; ".join(record.validity.reasons)))
    suite[0].set("time", f"{lasted_s:.3f}")  # once: all of them judge the same seconds
    _count(suite)


def _details(clause: ClauseResult) -> str:
    parts = (
        ("requires", clause.requirement),
        ("expected", clause.expected),
        ("actual", clause.actual),
        ("received", clause.received),
        ("cause", clause.cause),
        ("remedy", clause.remedy.strip()),
        ("try", clause.curl),
    )
    return "\n".join(f"{name}: {value}" for name, value in parts if value)


def _count(element: ET.Element) -> None:
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    element.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    element.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    element.set("errors", "0")
    element.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")
