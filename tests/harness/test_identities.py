"""Users get tokens from a secret, from the environment or from a command; bad tokens are derived from them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import jwt
import pytest

from pulsegate.harness.errors import CouldNotMeasure, UsageError
from pulsegate.harness.identities import LIFETIME_S, RENEW_BEFORE_S, Wallet
from pulsegate.harness.profile import Identities
from pulsegate.harness.tokens import HS256, read_claims, remove_signature, tamper_signature

SECRET = "a-secret-of-at-least-thirty-two-bytes"
MINTED = {"PULSEGATE_JWT_SECRET": SECRET}
NOW = 1_700_000_000.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Known:
    """The secrets that were reported, by name."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def __call__(self, secret: str, name: str) -> None:
        self.names[secret] = name


def wallet(
    environ: Mapping[str, str], known: Known | None = None, clock: Clock | None = None, **keys: object
) -> Wallet:
    return Wallet(Identities.model_validate(keys), environ, known or Known(), clock=clock or Clock())


def verified(token: str) -> dict[str, object]:
    return jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False})


def test_a_token_is_minted_from_the_secret() -> None:
    """It carries sub, email and exp, and nothing else."""
    alice = wallet(MINTED).user("alice")

    assert verified(alice.token) == {"sub": "alice", "email": "alice@example.com", "exp": int(NOW) + LIFETIME_S}


def test_the_template_renames_and_adds_claims() -> None:
    """Both placeholders are filled in, at any depth; exp stays ours."""
    template = {"user_id": "{id}", "profile": {"mail": ["{email}"]}, "role": "user", "exp": 1}
    bob = wallet(MINTED, claims=template).user("bob")

    assert verified(bob.token) == {
        "user_id": "bob",
        "profile": {"mail": ["bob@example.com"]},
        "role": "user",
        "exp": int(NOW) + LIFETIME_S,
    }


def test_an_audience_is_refused() -> None:
    """Backends that expect none refuse a token that has one."""
    with pytest.raises(UsageError, match="aud must not be set"):
        wallet(MINTED, claims={"aud": "chat"})


@pytest.mark.filterwarnings("error")
def test_a_short_secret_signs_too() -> None:
    """How long the secret is is the target's business."""
    alice = wallet({"PULSEGATE_JWT_SECRET": "short"}).user("alice")

    assert read_claims(alice.token)["sub"] == "alice"


def test_a_minted_token_is_renewed_before_it_expires() -> None:
    """A long run never sends a stale token."""
    clock = Clock()
    purse = wallet(MINTED, clock=clock)
    first = purse.user("alice").token
    clock.now += LIFETIME_S - RENEW_BEFORE_S - 1
    assert purse.user("alice").token == first
    clock.now += 2

    assert purse.user("alice").token != first


def test_without_a_source_there_is_no_identity() -> None:
    """The reason says what was looked for."""
    with pytest.raises(CouldNotMeasure, match="the environment variable PULSEGATE_JWT_SECRET is not set"):
        wallet({}).user("alice")


def test_ready_tokens_come_from_the_environment() -> None:
    """Who the user is is read from the token unless the profile says it."""
    token = HS256("unknown to us").sign({"sub": "u-17", "email": "a@corp.example", "exp": int(NOW) + 600})
    alice = wallet({"TOKEN_A": token}, alice_token_env="TOKEN_A").user("alice")

    assert (alice.id, alice.email, alice.token) == ("u-17", "a@corp.example", token)


def test_the_profiles_person_wins_over_the_token() -> None:
    """A profile that names the person knows better."""
    token = HS256("unknown to us").sign({"sub": "u-17", "email": "a@corp.example"})
    person = {"id": "17", "email": "alice@corp.example"}
    alice = wallet({"TOKEN_A": token}, alice_token_env="TOKEN_A", alice=person).user("alice")

    assert (alice.id, alice.email) == ("17", "alice@corp.example")


def test_an_opaque_token_is_a_token() -> None:
    """Not every target uses JSON Web Tokens."""
    assert wallet({"TOKEN_A": " opaque-token \n"}, alice_token_env="TOKEN_A").user("alice").token == "opaque-token"


def test_one_ready_token_makes_one_user() -> None:
    """Clauses that need two users are told why they have only one."""
    purse = wallet({"TOKEN_A": "opaque"}, alice_token_env="TOKEN_A")
    purse.user("alice")

    with pytest.raises(CouldNotMeasure, match=r"\[identities\] bob_token_env"):
        purse.user("bob")


def test_the_same_token_twice_is_one_user() -> None:
    """Isolation between a user and himself proves nothing."""
    purse = wallet({"T": "opaque"}, alice_token_env="T", bob_token_env="T")
    purse.user("alice")

    with pytest.raises(CouldNotMeasure, match="have the same token"):
        purse.user("bob")


def test_the_default_secret_is_not_used_beside_ready_tokens() -> None:
    """Whatever the default variable holds need not belong to this target."""
    purse = wallet({**MINTED, "T": "opaque-token"}, alice_token_env="T")

    assert purse.token_without_exp(purse.user("alice")) is None


def test_an_unset_variable_is_the_users_mistake() -> None:
    """The key and the variable are named."""
    with pytest.raises(UsageError, match="alice_token_env names the environment variable T, which is not set"):
        wallet({}, alice_token_env="T").user("alice")


def test_bad_tokens_are_minted_with_the_secret() -> None:
    """Each is wrong in exactly one way."""
    purse = wallet(MINTED)
    alice = purse.user("alice")
    bad = purse.bad_tokens(alice)

    assert set(bad) == {"wrong signature", "alg none", "malformed", "expired"}
    assert verified(bad["expired"])["exp"] == int(NOW) - LIFETIME_S
    assert read_claims(bad["wrong signature"]) == read_claims(bad["alg none"]) == read_claims(alice.token)
    with pytest.raises(jwt.InvalidSignatureError):
        verified(bad["wrong signature"])


def test_bad_tokens_are_derived_from_ready_ones() -> None:
    """Without the secret only the expired one needs help."""
    token = HS256("unknown to us").sign({"sub": "u-17"})
    purse = wallet({"A": token, "OLD": "old-token"}, alice_token_env="A", expired_token_env="OLD")

    assert purse.bad_tokens(purse.user("alice")) == {
        "wrong signature": tamper_signature(token),
        "alg none": remove_signature(token),
        "expired": "old-token",
        "malformed": "not-a-token",
    }


def test_an_opaque_token_has_no_unsigned_form() -> None:
    """Only what can be made is offered."""
    purse = wallet({"A": "opaque-token"}, alice_token_env="A")
    bad = purse.bad_tokens(purse.user("alice"))

    assert set(bad) == {"wrong signature", "malformed"}
    assert bad["wrong signature"] != "opaque-token"


def test_a_token_without_exp_is_rightly_signed() -> None:
    """Only its lifetime is missing."""
    purse = wallet(MINTED)

    assert verified(purse.token_without_exp(purse.user("alice")) or "") == {
        "sub": "alice",
        "email": "alice@example.com",
    }


def test_fresh_users_are_all_different() -> None:
    """Nobody has registered them before."""
    purse = wallet(MINTED, fresh_users=True)
    users = [purse.fresh_user("task") for _ in range(3)]

    assert len({user.id for user in users}) == 3
    assert all(verified(user.token)["sub"] == user.id for user in users)


def test_without_fresh_users_the_two_known_ones_stand_in() -> None:
    """The hint tells who."""
    purse = wallet(MINTED)

    assert [purse.fresh_user(hint).name for hint in ("", "task", "2", "bob")] == ["alice", "alice", "bob", "bob"]


def test_a_fresh_user_can_be_made_again() -> None:
    """The mark in the label of their token is enough, in another run too."""
    once = wallet(MINTED, fresh_users=True).fresh_user()
    again = wallet(MINTED, fresh_users=True).fresh_user_of(once.id.removeprefix("pulsegate-"))

    assert (again.id, again.email) == (once.id, once.email)
    with pytest.raises(CouldNotMeasure, match="fresh_users = true"):
        wallet(MINTED).fresh_user_of("1f2e3d4c5b6a")


def test_every_secret_is_reported_before_it_is_used() -> None:
    """Evidence can only be masked by who knows the secrets."""
    known = Known()
    purse = wallet(MINTED, known, fresh_users=True)
    alice = purse.user("alice")
    fresh = purse.fresh_user()
    bad = purse.bad_tokens(alice)

    assert known.names[SECRET] == "$PULSEGATE_JWT_SECRET"
    assert known.names[alice.token] == "$ALICE_TOKEN"
    mark = fresh.id.removeprefix("pulsegate-")
    assert known.names[fresh.token] == f"$FRESH_{mark.upper()}_TOKEN"
    assert known.names[purse.bad_tokens(fresh)["expired"]] == f"$FRESH_{mark.upper()}_EXPIRED_TOKEN"
    assert known.names[bad["expired"]] == "$ALICE_EXPIRED_TOKEN"
    assert known.names[purse.token_without_exp(alice) or ""] == "$ALICE_WITHOUT_EXP_TOKEN"


def command(tmp_path: Path, code: str) -> str:
    script = tmp_path / "token.py"
    script.write_text("import os, sys\n" + code)
    return f"{sys.executable} {script}"


def test_a_command_prints_the_token_of_the_identity_it_is_asked_for(tmp_path: Path) -> None:
    """The name is in the environment, and where the command says {name}."""
    run = command(tmp_path, "print('a line'); print('Bearer', os.environ['PULSEGATE_IDENTITY'] + '-' + sys.argv[1])")
    purse = wallet({}, token_cmd=run + " {name}")

    assert [purse.user(name).token for name in ("alice", "bob")] == ["alice-alice", "bob-bob"]


def test_a_command_runs_again_before_its_token_expires(tmp_path: Path) -> None:
    """Only then, and only when asked to renew."""
    soon = HS256(SECRET).sign({"exp": int(NOW) + RENEW_BEFORE_S + 10})
    run = command(
        tmp_path,
        f"print({soon!r} if not os.path.exists({str(tmp_path / 'ran')!r}) else 'renewed-token')\n"
        f"open({str(tmp_path / 'ran')!r}, 'w').close()",
    )
    clock = Clock()
    purse = wallet({}, clock=clock, token_cmd=run)
    assert purse.user("alice").token == soon
    purse.renew()
    assert purse.user("alice").token == soon
    clock.now += 11
    purse.renew()

    assert purse.user("alice").token == "renewed-token"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("sys.exit('first\\nno such account')", "failed for alice with exit code 1: no such account"),
        ("pass", "printed no token for alice"),
        ("print('two words')", "printed no token for alice"),
    ],
)
def test_a_command_that_fails_is_the_users_mistake(tmp_path: Path, code: str, said: str) -> None:
    """Its own last word is passed on."""
    with pytest.raises(UsageError, match=said):
        wallet({}, token_cmd=command(tmp_path, code)).user("alice")


@pytest.mark.parametrize("text", ["/no/such/program", "unclosed 'quote", " "])
def test_a_command_that_cannot_be_run_is_the_users_mistake(text: str) -> None:
    """No shell stands between."""
    with pytest.raises(UsageError, match=r"^\[identities\] token_cmd"):
        wallet({}, token_cmd=text).user("alice")
