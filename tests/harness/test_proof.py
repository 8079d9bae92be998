"""What counts as found, and which clauses still lack a fault."""

from __future__ import annotations

import pytest

from pulsegate.harness.contract.registry import load_clauses
from pulsegate.harness.errors import UsageError
from pulsegate.harness.proof import (
    Finding,
    Planted,
    choose,
    miscaused,
    one_per_clause,
    own_surfaces,
    planted_changes,
    unproven,
)
from pulsegate.harness.record import ClauseResult, RunRecord

FAULT = Planted("late", "It is late.", ("SSE-11", "RT-9"))
LEGAL = Planted("crlf", "CRLF.", ())


@pytest.mark.parametrize(
    ("planted", "failed", "missed", "spurious"),
    [
        (FAULT, ("SSE-11", "RT-9"), [], []),
        (FAULT, ("SSE-11",), ["RT-9"], []),
        (FAULT, ("SSE-11", "RT-9", "SSE-1"), [], ["SSE-1"]),
        (FAULT, (), ["SSE-11", "RT-9"], []),
        (LEGAL, (), [], []),
        (LEGAL, ("SSE-15",), [], ["SSE-15"]),
    ],
)
def test_exactly_the_declared_clauses_must_fail(planted, failed, missed, spurious):
    """A fault is found when its clauses fail and no others; a variation when nothing fails."""
    finding = Finding(planted, failed)
    assert (finding.missed, finding.spurious) == (missed, spurious)
    assert finding.as_declared is not (missed or spurious)


def test_the_declared_cause_must_be_named():
    """A fault whose clause fails for another cause than the declared one is not found."""
    known = load_clauses()["SSE-1"]
    planted = Planted("page", "A page.", ("SSE-1",), {"SSE-1": "html-fallback"})
    right, wrong = (
        RunRecord.model_construct(clauses=[ClauseResult.model_construct(id="SSE-1", outcome="failed", cause=cause)])
        for cause in (known.causes["html-fallback"], known.causes["not-deployed"])
    )
    assert miscaused(planted, right) == ()
    assert miscaused(planted, wrong) == ("SSE-1",)
    assert not Finding(planted, ("SSE-1",), miscaused=("SSE-1",)).as_declared


def test_a_server_that_did_not_start_proves_nothing():
    """A problem is never counted as found."""
    assert not Finding(LEGAL, (), problem="the server ended at once").as_declared


def test_a_fault_is_checked_on_the_surfaces_of_its_clauses():
    """Its own surfaces are those of the clauses it breaks, each once."""
    assert own_surfaces(Planted("x", "", ("SSE-1", "SSE-2", "CMP-4"))) == ("sse", "cmp")


def test_a_sample_has_a_fault_for_each_clause():
    """Each clause gets one fault, the narrowest there is, and none twice."""
    both, narrow = Planted("both", "", ("SSE-1", "SSE-2")), Planted("narrow", "", ("SSE-1",))
    clauses = [clause for clause in load_clauses().values() if clause.id in ("SSE-1", "SSE-2")]
    assert one_per_clause(clauses, [both, narrow]) == [narrow, both]
    assert one_per_clause(clauses, [both]) == [both]


def test_an_unknown_name_is_refused():
    """A mistyped fault is not silently left out."""
    with pytest.raises(UsageError, match="no planted change 'lat'"):
        choose([FAULT], ["lat"])
    assert choose([FAULT, LEGAL], []) == [FAULT, LEGAL]


def test_every_clause_has_a_fault_that_breaks_it():
    """No clause of the contract is left that nothing is shown to break."""
    faults, _ = planted_changes()
    assert unproven(load_clauses().values(), faults) == []


def test_every_fault_says_what_it_does_and_breaks_known_clauses():
    """Each fault has a sentence and breaks clauses of the contract; a variation breaks none."""
    faults, variations = planted_changes()
    known = load_clauses()
    for one in faults:
        assert one.summary.endswith("."), one.name
        assert one.breaks, one.name
        assert set(one.breaks) <= set(known), one.name
        assert set(one.causes) <= set(one.breaks), one.name
        for clause, cause in one.causes.items():
            assert cause in known[clause].causes, one.name
    for one in variations:
        assert one.summary.endswith("."), one.name
        assert one.breaks == (), one.name
