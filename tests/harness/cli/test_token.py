"""`pulsegate token`: the tokens of the profile, for commands of one's own."""

from __future__ import annotations

import time

import pytest

from pulsegate.harness.tokens import read_claims

SECRET = "a secret of thirty-two bytes or so"


def claims(result) -> dict:
    assert result.returncode == 0, result.stderr
    [printed] = result.stdout.split()
    return read_claims(printed)


def test_a_users_token_is_printed_alone(pulsegate):
    """Standard output is the token, ready for a shell variable."""
    alice, bob = (claims(pulsegate("token", name, PULSEGATE_JWT_SECRET=SECRET)) for name in ("alice", "bob"))
    assert (alice["sub"], bob["sub"]) == ("alice", "bob")
    assert alice["exp"] > time.time()


@pytest.mark.parametrize("name", ["expired", "alice-expired"])
def test_a_bad_token_is_named_after_its_flaw(pulsegate, name):
    """Without a user's name it is alice's."""
    expired = claims(pulsegate("token", name, PULSEGATE_JWT_SECRET=SECRET))
    assert expired["sub"] == "alice"
    assert expired["exp"] < time.time()


def test_a_fresh_user_is_named_by_their_mark(pulsegate, tmp_path):
    """What a report calls FRESH_1F2E3D4C5B6A is that user again, also with a bad token."""
    (tmp_path / "p.toml").write_text("[identities]\nfresh_users = true\n")
    for name in ("fresh-1f2e3d4c5b6a", "fresh-1f2e3d4c5b6a-expired"):
        assert claims(pulsegate("token", name, "--profile", "p.toml", PULSEGATE_JWT_SECRET=SECRET))["sub"] == (
            "pulsegate-1f2e3d4c5b6a"
        )


def test_the_profile_names_the_secret(pulsegate, tmp_path):
    """A profile that is named gives the claims and the variable of the secret."""
    (tmp_path / "p.toml").write_text('[identities]\njwt_secret_env = "MINE"\n[identities.claims]\nuid = "{id}"\n')
    assert claims(pulsegate("token", "bob", "--profile", "p.toml", MINE=SECRET))["uid"] == "bob"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("carol",), ("'carol'", "alice, bob, fresh")),
        (("alice-tired",), ("'alice-tired'", "-expired")),
        (("alice",), ("PULSEGATE_JWT_SECRET is not set", "set it to the secret")),
    ],
)
def test_what_cannot_be_made_is_wrong_use(pulsegate, arguments, words):
    """Exit code 2, and one sentence that says what would help."""
    result = pulsegate("token", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    for word in words:
        assert word in result.stderr


def test_an_expired_token_needs_the_secret_or_a_ready_one(pulsegate, tmp_path):
    """Ready tokens cannot be signed anew."""
    (tmp_path / "p.toml").write_text('[identities]\nalice_token_env = "ALICE"\n')
    result = pulsegate("token", "expired", "--profile", "p.toml", ALICE="opaque-token")
    assert result.returncode == 2
    assert "expired_token_env" in result.stderr
