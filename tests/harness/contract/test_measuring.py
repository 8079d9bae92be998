"""What to do so that a clause is measured."""

from __future__ import annotations

import pytest

from pulsegate.harness.contract.measuring import how_to_measure


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("no identity", ["PULSEGATE_JWT_SECRET", "[identities]", 'alice_token_env = "ALICE_TOKEN"']),
        ("the profile gives no [prompts] show, delete", ["[prompts]", "show = ", 'delete = "Delete task {number}"']),
        ("the profile names no gauge ([metrics] open_streams.ws)", ['url = "/metrics"', 'surface="ws"']),
        ("the profile says of no list ([ws] origin_allow_list)", ["[ws]", "origin_allow_list = true"]),
        ("KIT-5 failed: status 500", ["Mend KIT-5 first"]),
        ("only servers that the harness itself starts are shut down", ["--reference"]),
        ("this machine is too busy, again and again", ["not the target"]),
        ("the gauge did not move", ["What was missing: the gauge did not move."]),
    ],
)
def test_the_reason_tells_what_helps(reason: str, words: list[str]) -> None:
    """Each reason leads to a line of the profile, a flag or a clause; and how to do without is always said."""
    remedy = how_to_measure("CMP-8", "cmp", "not_measured", reason)

    for word in [*words, "--skip CMP-8"]:
        assert word in remedy


def test_a_surface_that_is_missing_wants_its_path() -> None:
    """Where the surface is not offered, the profile can name another path."""
    assert 'cmp = "/..."' in how_to_measure("CMP-8", "cmp", "not_offered", "404 at /api/v1/chatkit")
