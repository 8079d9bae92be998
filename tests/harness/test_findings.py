"""What an interrupted proof keeps, and what is left to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulsegate.harness.errors import UsageError
from pulsegate.harness.findings import Findings
from pulsegate.harness.proof import HEALTHY, Finding, Planted

LATE = Planted("late", "It is late.", ("SSE-11", "RT-9"), {"SSE-11": "silent"})
CRLF = Planted("crlf", "CRLF.", ())
FOUND = Finding(LATE, ("SSE-11", "RT-9"))
MISSED = Finding(LATE, ("SSE-11",))


def test_a_resumed_proof_knows_what_was_found(tmp_path: Path) -> None:
    """Findings come back as they were, and only the rest is left."""
    file = tmp_path / "findings.jsonl"
    Findings(file).add(FOUND)

    resumed = Findings(file)

    assert resumed.left_of([LATE, CRLF]) == [CRLF]
    assert resumed.all == [FOUND]


def test_a_fault_that_was_missed_once_is_left(tmp_path: Path) -> None:
    """A doubtful finding is not settled before its second try, which takes its place."""
    file = tmp_path / "findings.jsonl"
    Findings(file).add(MISSED)
    resumed = Findings(file)
    assert (resumed.left_of([LATE]), resumed.all) == ([LATE], [])

    again = Finding(LATE, ("SSE-11",), tries=2)
    resumed.add(again)

    assert Findings(file).left_of([LATE]) == []
    assert Findings(file).all == [again]


def test_a_false_alarm_on_the_healthy_server_stays(tmp_path: Path) -> None:
    """Each run of the healthy server counts, also one that failed, and is not repeated."""
    file = tmp_path / "findings.jsonl"
    alarm = Finding(HEALTHY, ("SSE-11",))
    Findings(file).add(alarm)

    resumed = Findings(file)

    assert resumed.left_of([HEALTHY] * 3) == [HEALTHY] * 2
    assert resumed.all == [alarm]


def test_findings_of_other_code_are_dropped(tmp_path: Path) -> None:
    """A proof of changed code begins anew."""
    file = tmp_path / "findings.jsonl"
    Findings(file).add(FOUND)
    file.write_text(file.read_text().replace('"code": "', '"code": "0'))

    assert Findings(file).all == []


def test_half_a_line_of_a_killed_run_is_dropped(tmp_path: Path) -> None:
    """What was being written when the run died counts as not examined."""
    file = tmp_path / "findings.jsonl"
    Findings(file).add(FOUND)
    with file.open("a") as growing:
        growing.write('{"planted":{"name":"crlf"')

    assert Findings(file).left_of([LATE, CRLF]) == [CRLF]


def test_a_file_of_something_else_is_refused_and_kept(tmp_path: Path) -> None:
    """A name given by mistake costs nobody a file."""
    file = tmp_path / "notes.txt"
    file.write_text("notes\n")

    with pytest.raises(UsageError, match="does not hold the findings"):
        Findings(file)
    assert file.read_text() == "notes\n"
