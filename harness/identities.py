"""Who the harness is to the target: users and their tokens, good and bad.

Tokens come from the profile's ``token_cmd``, else from ready ones in environment variables, else
they are minted (HS256) from the secret in the profile's variable. Every token is reported to
`on_secret` before anyone can send it, so that it can be masked in evidence.
"""

from __future__ import annotations

import os
import secrets
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulsegate.harness.errors import CouldNotMeasure, UsageError
from pulsegate.harness.profile import Identities, Person
from pulsegate.harness.tokens import HS256, read_claims, remove_signature, tamper_signature

#: How long a minted token is valid, and how long before its end a token is replaced, in seconds.
LIFETIME_S = 3600
RENEW_BEFORE_S = 120

COMMAND_LIMIT_S = 30
#: How the identities of fresh users begin.
FRESH_ID = "pulsegate-"

OnSecret = Callable[[str, str], None]


class NobodyKnown(CouldNotMeasure):
    """The profile gives no identity at all; the text says what it could give."""


@dataclass(frozen=True, slots=True)
class User:
    """One user, as the target knows them, with a token that is valid now."""

    name: str
    id: str
    email: str
    token: str = field(repr=False)


class Wallet:
    """The identities of one run.

    Raises UsageError when a token source is set up wrongly, and CouldNotMeasure, with the reason,
    where the profile gives no identity.
    """

    def __init__(
        self,
        settings: Identities,
        environ: Mapping[str, str],
        on_secret: OnSecret,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if "aud" in settings.claims:
            raise UsageError("[identities] claims: aud must not be set; backends that expect none refuse the token")
        self._settings = settings
        self._environ = environ
        self._on_secret = on_secret
        self._clock = clock
        self._users: dict[str, User] = {}
        self._fresh = 0
        self._signer = self._find_signer()

    def _find_signer(self) -> HS256 | None:
        ready = self._settings.token_cmd is not None or self._settings.alice_token_env is not None
        if ready and "jwt_secret_env" not in self._settings.model_fields_set:
            return None  # whatever the default variable holds need not be this target's secret
        secret = self._environ.get(self._settings.jwt_secret_env)
        if not secret:
            return None
        self._on_secret(secret, f"${self._settings.jwt_secret_env}")
        return HS256(secret)

    def user(self, name: str) -> User:
        """``alice`` or ``bob``, with a token that is valid for at least RENEW_BEFORE_S."""
        known = self._users.get(name)
        if known is None or (self._expires_soon(known.token) and self._settings.token_cmd is None):
            known = self._users[name] = self._obtain(name)
        return known

    def renew(self) -> None:
        """Run ``token_cmd`` again for every user whose token expires soon; blocks while it runs."""
        if self._settings.token_cmd is None:
            return
        for name, user in list(self._users.items()):
            if self._expires_soon(user.token):
                self._users[name] = self._obtain(name)

    def _expires_soon(self, token: str) -> bool:
        expiry = read_claims(token).get("exp")
        return isinstance(expiry, (int, float)) and expiry - self._clock() < RENEW_BEFORE_S

    def _obtain(self, name: str) -> User:
        person: Person = getattr(self._settings, name)
        token = self._ready_token(name)
        if token is None:
            return self._mint(name, person)
        self._on_secret(token, f"${name.upper()}_TOKEN")
        if name not in self._settings.model_fields_set:
            person = _person_of(token, person)
        other = self._users.get("bob" if name == "alice" else "alice")
        if other is not None and other.token == token:
            raise CouldNotMeasure(f"{other.name} and {name} have the same token, so there is only one user")
        return User(name, person.id, person.email, token)

    def _ready_token(self, name: str) -> str | None:
        if self._settings.token_cmd is not None:
            return self._run_command(self._settings.token_cmd, name)
        variable: str | None = getattr(self._settings, f"{name}_token_env")
        if variable is None:
            if self._signer is None and self._settings.alice_token_env:
                raise CouldNotMeasure(f"the profile gives no token for {name} ([identities] {name}_token_env)")
            return None
        token = self._environ.get(variable, "").strip()
        if not token:
            raise UsageError(
                f"[identities] {name}_token_env names the environment variable {variable}, which is not set"
            )
        return token

    def _mint(self, name: str, person: Person) -> User:
        if self._signer is None:
            raise NobodyKnown(
                f"no identity: the environment variable {self._settings.jwt_secret_env} is not set, "
                "and the profile's [identities] gives neither tokens nor token_cmd"
            )
        token = self._signer.sign({**self._claims(person), "exp": int(self._clock()) + LIFETIME_S})
        self._on_secret(token, f"${name.upper()}_TOKEN")
        return User(name, person.id, person.email, token)

    def _claims(self, person: Person) -> dict[str, Any]:
        template = self._settings.claims or {"sub": "{id}", "email": "{email}"}
        claims = {name: _filled(value, person) for name, value in template.items()}
        claims.pop("exp", None)
        return claims

    def fresh_user(self, hint: str = "") -> User:
        """A user nobody registered; where the profile forbids them, bob for ``2`` and ``bob``, else alice."""
        if not (self._settings.fresh_users and self._signer):
            return self.user("bob" if hint in ("2", "bob") else "alice")
        self._fresh += 1
        return replace(self.fresh_user_of(secrets.token_hex(6)), name=f"fresh-{hint or self._fresh}")

    def fresh_user_of(self, mark: str) -> User:
        """The fresh user whose identity ends with `mark`, which stands in the label of their token.

        CouldNotMeasure where the profile forbids fresh users.
        """
        if not (self._settings.fresh_users and self._signer):
            raise CouldNotMeasure("a fresh user needs [identities] fresh_users = true and the signing secret")
        identity = f"{FRESH_ID}{mark}"
        return self._mint(f"fresh_{mark}", Person(id=identity, email=f"{identity}@example.com"))

    def bad_tokens(self, user: User) -> dict[str, str]:
        """Label to token: ``wrong signature``, ``alg none``, ``malformed`` and ``expired``, those that can be made."""
        tokens = {"wrong signature": tamper_signature(user.token)}
        if unsigned := remove_signature(user.token):
            tokens["alg none"] = unsigned
        if expired := self._expired(user):
            tokens["expired"] = expired
        for label, token in tokens.items():
            self._on_secret(token, f"${_owner(user)}_{_variable(label)}_TOKEN")
        return {**tokens, "malformed": "not-a-token"}

    def _expired(self, user: User) -> str | None:
        variable = self._settings.expired_token_env
        if variable and self._environ.get(variable):
            return self._environ[variable].strip()
        if self._signer is None:
            return None
        return self._signer.sign({**self._signed_claims(user), "exp": int(self._clock()) - LIFETIME_S})

    def token_without_exp(self, user: User) -> str | None:
        """A rightly signed token that never expires; None without the secret."""
        if self._signer is None:
            return None
        token = self._signer.sign(self._signed_claims(user))
        self._on_secret(token, f"${_owner(user)}_WITHOUT_EXP_TOKEN")
        return token

    def _signed_claims(self, user: User) -> dict[str, Any]:
        return self._claims(Person(id=user.id, email=user.email))

    def _run_command(self, command: str, name: str) -> str:
        words = [word.replace("{name}", name) for word in _split(command)]
        environ = {**self._environ, "PULSEGATE_IDENTITY": name}
        environ.setdefault("PATH", os.defpath)
        try:
            done = subprocess.run(  # noqa: S603 - the user's own command, no shell
                words, env=environ, capture_output=True, text=True, timeout=COMMAND_LIMIT_S, check=False
            )
        except (OSError, UnicodeDecodeError) as problem:
            raise UsageError(f"[identities] token_cmd cannot be run: {problem}") from None
        except subprocess.TimeoutExpired:
            raise UsageError(f"[identities] token_cmd did not end within {COMMAND_LIMIT_S} s for {name}") from None
        if done.returncode:
            said = _last_line(done.stderr) or "nothing on its standard error"
            raise UsageError(f"[identities] token_cmd failed for {name} with exit code {done.returncode}: {said}")
        token = _last_line(done.stdout).removeprefix("Bearer ")
        if not token or len(token.split()) != 1:
            raise UsageError(f"[identities] token_cmd printed no token for {name}; it must print one on its last line")
        return token


def _split(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as problem:
        raise UsageError(f"[identities] token_cmd cannot be read: {problem}") from None
    if not words:
        raise UsageError("[identities] token_cmd is empty")
    return words


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _owner(user: User) -> str:
    """How the variables of a user's tokens begin: a fresh user's by the mark that makes them that user again."""
    fresh = user.name.startswith("fresh-")
    return _variable(f"fresh-{user.id.removeprefix(FRESH_ID)}" if fresh else user.name)


def _variable(text: str) -> str:
    return text.upper().replace(" ", "_").replace("-", "_")


def _filled(template: Any, person: Person) -> Any:
    if isinstance(template, str):
        return template.replace("{id}", person.id).replace("{email}", person.email)
    if isinstance(template, dict):
        return {name: _filled(value, person) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, person) for value in template]
    return template


def _person_of(token: str, default: Person) -> Person:
    claims = read_claims(token)
    identity, email = claims.get("sub"), claims.get("email")
    return Person(
        id=identity if isinstance(identity, str) else default.id,
        email=email if isinstance(email, str) else default.email,
    )
