"""What a profile's own token says about its being refused."""

from __future__ import annotations

import pytest

from pulsegate.harness.identities import User
from pulsegate.harness.tokens import HS256
from pulsegate.scenarios.contract.sse_judging import cause_in_token

SIGNER = HS256("a secret of thirty-two bytes or so")


@pytest.mark.parametrize(
    ("token", "cause"),
    [
        (SIGNER.sign({"sub": "alice", "exp": 1}), "expired"),
        (SIGNER.sign({"sub": "alice", "exp": 4_000_000_000}), ""),
        (SIGNER.sign({"sub": "alice"}), ""),
        ("opaque-session-key", "not-jwt"),
    ],
)
def test_an_expired_token_is_told_from_one_that_is_none(token: str, cause: str) -> None:
    """The documented list: is it a JWT, and does its exp lie in the future?"""
    assert cause_in_token(User("alice", "alice", "alice@example.com", token)) == cause


def test_who_has_no_token_cannot_have_a_wrong_one() -> None:
    """An anonymous caller names no cause."""
    assert cause_in_token(None) == ""
