"""The causes that the guides name for a failure: each is planted, so that `prove` sees it named."""

from __future__ import annotations

import pytest

from pulsegate.harness.contract.registry import load_clauses
from pulsegate.reference_server.planted import load_faults

SURFACES = ("auth", "health", "sse", "rt")

#: What no fault of the bundled server can bring about, and what holds it instead.
ELSEWHERE = {
    ("SSE-1", "get-missing"): "a 405 takes the surface off the offer; the survey's tests",
    ("RT-1", "get-missing"): "the same",
    ("RT-1", "buffered-json"): "JSON takes the surface off the offer; the survey's tests",
    ("SSE-8", "expired"): "the profile's own token; test_sse_judging",
    ("SSE-8", "not-jwt"): "the same",
    ("SSE-9", "expired"): "the same",
    ("SSE-9", "not-jwt"): "the same",
    ("RT-9", "cut-in-silence"): "the rule of SSE-11, which is planted; test_sse_tools",
    ("SSE-6", "silent"): "each stream would be awaited for the whole answer timeout",
    ("SSE-16", "sibling"): "other cases close streams of the same user at the same time, which looks like replacing",
    ("RT-3", "ended-early"): "a run that is cut short breaks most clauses of its surface",
}
#: Keys that several clauses share for an answer that is no event stream: one fault for one of them is enough.
OPENING = ("limited", "no-content", "failing", "wrong-type", "refused", "backend-down", "missing-location")


def documented() -> list[tuple[str, str]]:
    """Each cause of each clause of these surfaces."""
    clauses = load_clauses().values()
    return [(clause.id, cause) for clause in clauses if clause.surface in SURFACES for cause in clause.causes]


@pytest.fixture(scope="module")
def planted() -> set[tuple[str, str]]:
    """Each cause that some fault declares, by its clause."""
    return {pair for fault in load_faults() for pair in fault.causes.items()}


@pytest.mark.parametrize(("clause", "cause"), [pair for pair in documented() if pair not in ELSEWHERE])
def test_each_cause_is_planted(clause, cause, planted):
    """A fault declares the cause for this clause, or for another one that an answer fails in the same way."""
    alike = {named for _, named in planted}
    assert (clause, cause) in planted or (cause in OPENING and cause in alike)


def test_what_is_excepted_is_known():
    """No exception outlives its cause."""
    assert set(ELSEWHERE) <= set(documented())
