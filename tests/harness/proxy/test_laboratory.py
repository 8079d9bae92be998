"""The laboratory's small parts: names, what is declared, what is checked again, and the answer."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from pulsegate.harness.contract.registry import load_clauses
from pulsegate.harness.errors import TargetUnreachable, UsageError
from pulsegate.harness.proxy.evidence import Evidence
from pulsegate.harness.proxy.experiments import LOOKS, RELATED, Causes, Trial, _prove, _retract, _unlikeliness
from pulsegate.harness.proxy.holding import Holding
from pulsegate.harness.proxy.laboratory import Seen, _asked, _expect_some_use, read_all
from pulsegate.harness.proxy.lint import LintFinding
from pulsegate.harness.proxy.observing import Listened
from pulsegate.harness.proxy.patch import Change, Fix
from pulsegate.harness.proxy.recording import lab_verdict
from pulsegate.harness.proxy.shipped import declared_breaks, shipped
from pulsegate.harness.record import ClauseResult, ProxyFinding

GOOD = "location /api/ { proxy_pass http://app:8000; }\n"
LINE = Path("/etc/site.conf")
FIX = Fix((Change("remove", LINE, 3, 0, 9, ""),))


def failed(clause_id="PROXY-1"):
    return ClauseResult(
        id=clause_id, level="documented", surface="proxy", title="t", outcome="failed", expected="e", actual="a"
    )


def write(folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(GOOD)
    return folder / name


def test_configurations_are_called_as_their_files(tmp_path):
    """Where two files have one name, the second takes its folder's; `direct` is the control's."""
    files = [
        write(tmp_path / "a", "site.conf"),
        write(tmp_path / "b", "site.conf"),
        write(tmp_path / "a", "direct.conf"),
    ]
    assert list(read_all(files)) == ["site", "b-site", "a-direct"]
    with pytest.raises(UsageError, match="given twice"):
        read_all([*files, files[1]])


def test_every_shipped_configuration_declares_known_clauses():
    """Each file is declared, and each clause of the laboratory is broken by one of them."""
    measured = {one.id for one in load_clauses().values() if one.measured_by == "proxy"}
    declared = declared_breaks()
    assert set(declared) == {file.stem for file in shipped()}
    assert {clause for clauses in declared.values() for clause in clauses} == measured
    assert set(LOOKS) == set(RELATED) == measured


def test_held_streams_are_not_checked_once_more():
    """Their clauses are decided, and every case would wait for its timeout."""
    everything = {"sse", "rt", "ws", "cmp", "kit"}
    held = Evidence("x", streams={"rt": Listened([Holding("fully held", 1.0, 900.0, "")])})
    assert _asked(everything, held) == ("ws", "KIT-1", "KIT-2", "KIT-4", "KIT-5")
    assert _asked({"sse", "ws"}, Evidence("x")) == ("sse", "ws")
    assert _asked({"health"}, Evidence("x")) == ()


def test_a_target_that_keeps_nothing_directly_is_no_ground_for_a_verdict():
    """Where every clause fails without a proxy too, the reader is sent to the check."""
    with pytest.raises(TargetUnreachable, match=r"keeps no clause even directly \(PROXY-1: a\).*pulsegate check"):
        _expect_some_use({"PROXY-1": failed()})
    _expect_some_use({"PROXY-1": failed(), "PROXY-2": failed().model_copy(update={"outcome": "passed"})})


def test_a_proved_line_takes_the_place_of_its_rule():
    """The finding of the same line and clause becomes measured, with the effect that was seen; its fix leads."""
    lint = ProxyFinding(
        config="x",
        file="/etc/site.conf",
        line=3,
        directive="gzip on;",
        clause="PROXY-1",
        effect="may",
        remedy="r",
        kind="lint",
    )
    causes = Causes(findings=[lint])
    trial = Trial("x", FIX, LINE, 3, "gzip on;", "leave it out", ("PROXY-1",))
    _prove(causes, trial, failed(), first=True)
    assert [(one.kind, one.effect, one.remedy) for one in causes.findings] == [
        ("measured", "a", "leave it out (site.conf:3: take this line out)")
    ]
    assert causes.fixes["x"] == [FIX]


def test_a_failure_that_does_not_come_again_is_taken_back():
    """It is passed, and says what happened."""
    clause = failed()
    _retract(clause)
    assert (clause.outcome, clause.actual) == ("passed", "")
    assert clause.reason == "failed once (a), and held when it was looked at again"


def test_what_was_left_unchecked_because_it_seemed_held_has_not_passed():
    """A busy machine must not turn a failure that nobody looked for into a success."""
    clause = failed()
    _retract(clause, whole=False)
    assert clause.outcome == "not_measured"
    assert "not checked, run it again" in clause.reason


def test_certain_rules_and_written_lines_are_tried_first():
    """A default that nobody wrote comes after a line that somebody did."""

    def found(severity, directive):
        return LintFinding("r", severity, LINE, 1, directive, "PROXY-1", (), "", "", None)

    default = found("breaks", "proxy_buffering on; (nginx's default)")
    written, risk = found("breaks", "proxy_ignore_headers X-Accel-Buffering;"), found("risk", "gzip on;")
    assert sorted([risk, default, written], key=_unlikeliness({"PROXY-1"})) == [written, default, risk]


def lab(clauses, *, problem="", interrupted=False):
    seen = Seen(evidence={name: Evidence(name, problem=problem) for name in clauses}, clauses=clauses)
    seen.interrupted = interrupted
    return SimpleNamespace(seen=seen, configurations=dict.fromkeys(clauses))


def passed():
    clause = failed()
    _retract(clause)
    return clause


@pytest.mark.parametrize(
    ("made", "code", "sentence"),
    [
        (lab({"a": [passed()]}), 0, "1 configuration measured, nothing broken"),
        (lab({"a": [failed()], "b": [passed()]}), 1, "1 of 2 configurations breaks a clause; a breaks PROXY-1"),
        (lab({"a": [passed()]}, problem="nginx ended"), 3, "a: nginx ended"),
        (lab({"a": [failed()]}, problem="nginx ended"), 1,
         "1 of 1 configuration breaks a clause; a breaks PROXY-1; a: nginx ended"),
        (lab({"a": [failed()]}, interrupted=True), 130, "1 of 1 configuration breaks a clause; a breaks PROXY-1"),
        (lab({name: [failed()] for name in "abcd"}), 1, "4 of 4 configurations break a clause: a, b, c, d"),
    ],
)  # fmt: skip
def test_the_answer_names_who_breaks_what(made, code, sentence):
    """Broken goes before not measured; of many only the names."""
    verdict = lab_verdict(made)
    assert (verdict.exit_code, verdict.sentence) == (code, sentence)
