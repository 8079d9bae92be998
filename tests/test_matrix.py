"""A planted fault for each clause, on a server of its own, against the clauses of its surfaces.

`make prove` plants all of them, against the whole contract.
"""

from __future__ import annotations

import pytest

from pulsegate.harness.contract.registry import load_clauses
from pulsegate.harness.proof import Finding, Planted, examine_all, one_per_clause
from pulsegate.reference_server.planted import load_faults

#: Most of a check is waiting for words and heartbeats: several fit beside each other on two cores.
JOBS = 8

FAULTS = one_per_clause(
    load_clauses().values(), [Planted(one.name, one.summary, one.breaks, one.causes) for one in load_faults()]
)

pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    """What was found on each planted fault, all examined beside each other."""
    return {finding.planted.name: finding for finding in examine_all(FAULTS, jobs=JOBS, whole_contract=False)}


def assert_as_declared(finding: Finding) -> None:
    assert not finding.problem
    assert finding.missed == [], "these clauses should have failed"
    assert finding.spurious == [], "these clauses should not have failed"
    assert finding.miscaused == (), "these clauses should have named the declared cause"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)
def test_a_fault_breaks_the_clauses_it_declares_and_no_others(fault: Planted, findings: dict[str, Finding]) -> None:
    """Exactly the declared clauses fail; a doubtful finding of the crowded run is examined again by itself."""
    assert_as_declared(findings[fault.name])
