"""`pulsegate gate` from end to end: the bundled server, the contract, a short load."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from pulsegate.harness.cli.gate import advised
from pulsegate.harness.figures.validity import FEWER_USERS
from pulsegate.harness.record import Measured, Validity

QUICK = ("--reference", "--duration", "2s", "--sse-users", "8", "--ws-users", "2", "--output", "run")


def is_passed_or_too_late(clause: dict) -> bool:
    """Passed, or not judged because the machine that runs the tests was too busy, which is not the server's fault."""
    return clause["outcome"] == "passed" or (
        clause["outcome"] == "not_measured" and "this machine read" in clause["reason"]
    )


def test_advice_speaks_of_its_own_options():
    """An invalid load is told what this command can do about it, which has no workers."""
    invalid = Validity(valid=False, reasons=[f"the generator was saturated; {FEWER_USERS}"])
    [reason] = advised(Measured(validity=invalid)).validity.reasons
    assert "lower --sse-users and --ws-users" in reason
    assert "use more workers" not in reason


@pytest.mark.timeout(120)
def test_the_reference_server_holds(pulsegate, tmp_path):
    """The bundled server keeps every clause, hardening too, and holds the load; all reports are written."""
    result = pulsegate("gate", *QUICK, timeout=110)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.strip().splitlines()
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert record["target"]["url"] in lines[0]
    assert record["target"]["url"] in lines[-1]
    assert lines[-1].endswith("-> run")
    assert [clause for clause in record["clauses"] if not is_passed_or_too_late(clause)] == []
    assert record["connections"] == {"attempted": 10, "established": 10, "failed": 0, "dropped": 0, "peak": 10}
    assert 0 < record["metrics"]["sse.connect"]["count"] <= 8
    suites = ET.parse(tmp_path / "run" / "junit.xml").getroot()
    assert suites.get("tests") == str(len(record["clauses"]) + 4), "the clauses, and what the load must keep"
    assert "load held" in (tmp_path / "run" / "report.md").read_text()
    assert '<h2 id="load">' in (tmp_path / "run" / "report.html").read_text()
