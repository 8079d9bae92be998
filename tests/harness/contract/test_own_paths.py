"""Remedies speak of the target's own paths."""

from __future__ import annotations

import pytest

from pulsegate.harness.contract.own_paths import in_own_paths
from pulsegate.harness.contract.registry import load_clauses
from pulsegate.harness.profile import Surfaces

OWN = Surfaces(cmp="/v1/chat/completions", sse="/events?v=2", ws="/socket", chat=False)


@pytest.mark.parametrize(
    ("surface", "documented", "own"),
    [
        ("cmp", "bypasses /api/v1/chatkit.", "bypasses /v1/chat/completions."),
        ("cmp", '@router.post("/chatkit")', '@router.post("/chat/completions")'),
        ("cmp", 'base_url=f"{BACKEND}/api/v1"', 'base_url=f"{BACKEND}/v1"'),
        ("sse", "location /api/copilotkit {", "location /events {"),
        ("ws", "location /api/copilotkit/ws {", "location /socket {"),
        ("run", "location /api/copilotkit {", "location /api/copilotkit {"),
        ("chat", "try /api/v1/chat", "try /api/v1/chat"),
        ("cmp", "/api/v1/chatkits and /api/v1/chatkit-old", "/api/v1/chatkits and /api/v1/chatkit-old"),
    ],
)
def test_a_path_is_replaced_as_a_whole(surface: str, documented: str, own: str) -> None:
    """The profile's path stands in place of the documented one, and nowhere else."""
    assert in_own_paths(documented, surface, OWN) == own


def test_the_documented_backend_reads_what_is_written() -> None:
    """With the documented paths nothing is changed."""
    for clause in load_clauses().values():
        assert in_own_paths(clause.remedy, clause.surface, Surfaces()) == clause.remedy


def test_no_remedy_of_completions_speaks_of_the_documented_paths() -> None:
    """An OpenAI-compatible server has neither /api/v1 nor /chatkit."""
    for clause in load_clauses().values():
        if clause.surface == "cmp":
            for text in (clause.remedy, *clause.causes.values()):
                assert "/api/v1" not in in_own_paths(text, "cmp", OWN)
                assert "/chatkit" not in in_own_paths(text, "cmp", OWN)
