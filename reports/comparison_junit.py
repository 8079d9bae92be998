"""A comparison as JUnit cases: one a figure, and one for what fails whatever the timing says."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from pulsegate.harness.record.comparison import Comparison
from pulsegate.reports.comparison import cells
from pulsegate.reports.safe import xml_text


def add_comparison(root: ET.Element, comparison: Comparison, began: str) -> ET.Element:
    """Add the suite, and return it. What could not be decided, or does not decide, is shown as skipped."""
    suite = ET.SubElement(root, "testsuite", name="comparison", timestamp=began)
    case = _add_case(suite, "nothing of B failed")
    if comparison.broken:
        ET.SubElement(case, "failure", message=xml_text("; ".join(comparison.broken)), type="count")
    for one in comparison.quantities.values():
        case = _add_case(suite, f"{one.title} is no worse")
        words = xml_text(", ".join(filter(None, cells(one))))
        if one.finding == "worse" and one.decides:
            ET.SubElement(case, "failure", message=words, type="regression")
        elif one.finding != "held":
            ET.SubElement(case, "skipped", message=words)
    for name, why in comparison.missing.items():
        ET.SubElement(_add_case(suite, f"{name} is no worse"), "skipped", message=xml_text(f"not measured: {why}"))
    return suite


def _add_case(suite: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname="comparison", name=name, time="0.000")
