"""Who opens a stream, and how the token is carried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.contract import Check
from pulsegate.harness.contract.outcomes import NotMeasured
from pulsegate.harness.contract.requests import Carrier
from pulsegate.harness.identities import User


@dataclass(frozen=True, slots=True)
class Caller:
    """Who opens a stream, how, and whom the stream has to name (`email` None: an anonymous caller)."""

    label: str
    who: User | str | None = None
    carrier: Carrier = "bearer"
    email: str | None = None
    gzip: bool = False
    flaw: str = ""

    @property
    def bad(self) -> bool:
        """Whether the token is one to be refused; `flaw` says what is wrong with it."""
        return bool(self.flaw)

    def open(
        self,
        check: Check,
        surface: str,
        query: Mapping[str, str] | None = None,
        last_event_id: str | None = None,
    ) -> AbstractAsyncContextManager[Stream]:
        """The caller's stream on `surface`."""
        headers = {"Accept-Encoding": "gzip"} if self.gzip else None
        return check.stream(
            surface,
            who=self.who,
            carrier=self.carrier,
            query=query,
            headers=headers,
            last_event_id=last_event_id,
        )


ANONYMOUS = Caller("anonymous")


def by_bearer(user: User) -> Caller:
    """`user` with the token in the Authorization header."""
    return Caller(f"{user.name} by Bearer", user, "bearer", user.email)


def by_query(user: User) -> Caller:
    """`user` with the token in the query."""
    return Caller(f"{user.name} by ?token=", user, "query", user.email)


def with_bad_tokens(check: Check, users: Sequence[User]) -> list[Caller]:
    """Each bad token of each user by each carrier; all of them have to be taken for anonymous."""
    carriers: tuple[Carrier, ...] = ("bearer", "query")
    return [
        Caller(f"{user.name}'s {label} token by {carrier}", token, carrier, flaw=label)
        for user in users
        for label, token in check.bad_tokens(user).items()
        for carrier in carriers
    ]


def known_users(check: Check) -> list[User]:
    """Alice and bob, as far as the profile gives them tokens; who is missing becomes a part not measured."""
    users = []
    missing: dict[str, list[str]] = {}
    for name in ("alice", "bob"):
        try:
            users.append(check.user(name))
        except NotMeasured as problem:
            missing.setdefault(str(problem), []).append(name)
    for reason, names in missing.items():
        check.partly(f"not as {' or '.join(names)}: {reason}")
    return users
