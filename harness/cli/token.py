"""`pulsegate token`: the tokens of the profile's identities, for commands of one's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from pulsegate.harness.errors import CouldNotMeasure, UsageError

if TYPE_CHECKING:
    from pulsegate.harness.identities import User, Wallet

WHO = ("alice", "bob", "fresh")
_FRESH_AGAIN = re.compile(r"(fresh-[0-9a-f]{12})(?:-(.+))?")
KINDS = ("expired", "wrong-signature", "alg-none", "malformed", "without-exp")


def token(
    name: Annotated[
        str,
        Argument(
            help="alice, bob, fresh, or fresh-1f2e3d4c5b6a for one of a report; a bad token: like bob-expired.",
            metavar="NAME",
        ),
    ],
    *,
    profile: Annotated[Path | None, Option(help="Target profile; ./pulsegate.toml by default.", metavar="FILE")] = None,
) -> None:
    """Print a token of the profile's identities, good or bad, and nothing else.

    [bold]Examples[/bold]

      ALICE_TOKEN=$(pulsegate token alice --profile staging.toml)

      pulsegate token expired
    """
    import os

    from pulsegate.harness.identities import NobodyKnown, Wallet
    from pulsegate.harness.target import check_environment, find_profile

    who, kind = split(name)
    settings, file = find_profile(profile)
    environ = dict(os.environ)
    check_environment(settings, file, environ)
    wallet = Wallet(settings.identities, environ, lambda *_: None)
    try:
        user = _user(wallet, who)
        made = made_token(wallet, user, kind)
    except NobodyKnown as problem:
        remedy = "set it to the secret that the target signs with, or name tokens there"
        raise UsageError(f"{problem}; {remedy}") from None
    except CouldNotMeasure as problem:
        raise UsageError(str(problem)) from None
    if made is None:
        needed = "[identities] expired_token_env or the signing secret" if kind == "expired" else "the signing secret"
        raise UsageError(f"no token {name!r} can be made: that needs {needed}")
    print(made)


def _user(wallet: Wallet, who: str) -> User:
    if who == "fresh":
        return wallet.fresh_user()
    return wallet.fresh_user_of(who.removeprefix("fresh-")) if who.startswith("fresh-") else wallet.user(who)


def split(name: str) -> tuple[str, str]:
    """Whose token, and what is wrong with it (empty: nothing); UsageError for an unknown name."""
    if name in KINDS:
        return "alice", name
    if again := _FRESH_AGAIN.fullmatch(name):
        who, kind = again[1], again[2] or ""
    else:
        who, _, kind = name.partition("-")
        if who not in WHO:
            raise UsageError(_unknown(name))
    if kind and kind not in KINDS:
        raise UsageError(_unknown(name))
    return who, kind


def _unknown(name: str) -> str:
    return f"there is no token {name!r}; known: {', '.join(WHO)}, and after a name -{', -'.join(KINDS)}"


def made_token(wallet: Wallet, user: User, kind: str) -> str | None:
    """The token of `user` spoiled as `kind` says; None where that cannot be made."""
    if not kind:
        return user.token
    if kind == "without-exp":
        return wallet.token_without_exp(user)
    return wallet.bad_tokens(user).get(kind.replace("-", " "))
