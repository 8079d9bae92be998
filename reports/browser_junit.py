"""The bands and claims of a run in the browser as JUnit cases."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from pulsegate.harness.record import BrowserRun
from pulsegate.reports.browser import MEANINGS, change_words, documented_words, verdict_words
from pulsegate.reports.measured import band_shares, figure
from pulsegate.reports.safe import xml_text


def add_browser(root: ET.Element, run: BrowserRun, timestamp: str) -> ET.Element:
    """Add a suite: one case a judged band, which fails when degraded, and one a claim, which never fails."""
    suite = ET.SubElement(root, "testsuite", name="page", timestamp=timestamp)
    for name, band in run.judged.items():
        metric = run.metrics[name]
        case = ET.SubElement(suite, "testcase", classname="bands", name=MEANINGS.get(name, name), time="0.000")
        said = f"{band}: p95 {figure(metric.p95)} {metric.unit}, {band_shares(metric.bands)}"
        if band == "degraded":
            ET.SubElement(case, "failure", message=xml_text(said), type="band")
        else:
            ET.SubElement(case, "system-out").text = xml_text(said)
    for claim in run.claims:
        case = ET.SubElement(suite, "testcase", classname="claims", name=claim.name, time="0.000")
        said = f"{verdict_words(claim)}: {change_words(claim)}; documented {documented_words(claim)}"
        kind = "skipped" if claim.verdict == "not measured" else "system-out"
        outcome = ET.SubElement(case, kind)
        if kind == "skipped":
            outcome.set("message", xml_text(said))
        else:
            outcome.text = xml_text(said)
    return suite
