"""The target profile: what is tested, and what it is said to offer.

Everything has a default (the backend as documented), so a URL alone is a target. Secrets come from
environment variables only; the profile names the variables.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulsegate.harness.errors import ProfileError, UsageError
from pulsegate.harness.profile import Profile, check_url
from pulsegate.harness.record import TargetInfo
from pulsegate.harness.toml_places import describe_problem, line_of, place_in, syntax_problem
from pulsegate.harness.wire.address import is_loopback

PROFILE_NAME = "pulsegate.toml"


class Target(BaseModel):
    """A target as one run sees it: the profile, and what the command line said on top of it."""

    model_config = ConfigDict(frozen=True)

    url: str
    profile: Profile
    profile_file: Path | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    ca_file: Path | None = None
    insecure: bool = False
    connect_timeout_s: float = 10.0
    answer_timeout_s: float = 15.0
    reference: bool = False
    seed: int = 0
    environ: dict[str, str] = Field(default_factory=dict, repr=False)
    #: What looked odd when it was resolved.
    warnings: tuple[str, ...] = ()

    @property
    def loopback(self) -> bool:
        """Whether the target is this machine, so that proxies from the environment are ignored."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def login(self) -> str:
        """The ``user:password`` that the URL holds; empty without one."""
        return urlsplit(self.url).netloc.rpartition("@")[0]

    @property
    def shown_url(self) -> str:
        """The URL as people may see it: without its login."""
        return self.url.replace(f"{self.login}@", "$TARGET_LOGIN@", 1) if self.login else self.url

    def info(self) -> TargetInfo:
        """What a run record says of the target."""
        profile = str(self.profile_file) if self.profile_file else None
        return TargetInfo(url=self.shown_url, profile=profile, reference=self.reference)


def read_profile(file: Path) -> Profile:
    """Read a profile; ProfileError names the file, the line and the key."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProfileError(f"{file}: there is no such profile; `pulsegate init` writes one") from None
    except OSError as problem:
        raise ProfileError(f"{file}: the profile cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise ProfileError(f"{file}: the profile cannot be read: it is not UTF-8 at byte {problem.start}") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        line, said = syntax_problem(text, str(problem))
        raise ProfileError(f"{file}:{line}: not valid TOML: {said}") from None
    try:
        profile = Profile.model_validate(data)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = place_in(data, first["loc"])
        known = list(_model_at(place[:-1]))
        raise ProfileError(f"{file}:{line_of(text, place)}: {describe_problem(first, place, known)}") from None
    return profile


def place_of(file: Path | None, *keys: str) -> str:
    """``FILE:LINE: `` of the key at `keys` in a profile; empty without a file, without its line where it is gone."""
    if file is None:
        return ""
    try:
        return f"{file}:{line_of(file.read_text(encoding='utf-8'), keys)}: "
    except (OSError, UnicodeDecodeError):
        return f"{file}: "


def _model_at(place: list[str]) -> dict[str, Any]:
    model: Any = Profile
    for part in place:
        field = getattr(model, "model_fields", {}).get(part)
        if field is None:
            return {}
        model = field.annotation
    return dict(getattr(model, "model_fields", {}))


def check_environment(profile: Profile, file: Path | None, environ: dict[str, str]) -> None:
    """Raise UsageError when the profile names an environment variable that nobody set."""
    identities = profile.identities
    for key in ("jwt_secret_env", "alice_token_env", "bob_token_env", "expired_token_env"):
        name = getattr(identities, key)
        if key in identities.model_fields_set and name is not None and not environ.get(name):
            where = f"{file}: " if file else ""
            raise UsageError(f"{where}[identities] {key} names the environment variable {name}, which is not set")


def find_profile(profile_file: Path | None) -> tuple[Profile, Path | None]:
    """The profile a command uses: the file given, else ``./pulsegate.toml``, else the defaults.

    ``./pulsegate.toml`` is read even beside ``--target``: the URL then replaces the profile's own.
    """
    if profile_file is not None:
        return read_profile(profile_file), profile_file
    here = Path(PROFILE_NAME)
    if here.is_file():
        return read_profile(here), here
    return Profile(), None


def resolve_target(
    target_url: str | None,
    profile_file: Path | None = None,
    *,
    environ: dict[str, str] | None = None,
    **options: Any,
) -> Target:
    """Find the target by the rules every command shares.

    `target_url` if given (over the profile's own URL), else the profile `profile_file`, else
    ``./pulsegate.toml``. `options` are further members of Target. Raises UsageError without any.
    """
    environ = dict(os.environ) if environ is None else environ
    if target_url is not None and not target_url.strip():
        raise UsageError("--target is empty; give the address of the server, such as http://127.0.0.1:8000")
    profile, file = find_profile(profile_file)
    check_environment(profile, file, environ)
    url = target_url if target_url is not None else profile.target.url
    if url is None:
        raise UsageError(
            "no target: give --target URL, --profile FILE or --reference, "
            f"or write ./{PROFILE_NAME} with `pulsegate init`"
        )
    try:
        url = check_url(url)
    except ValueError as problem:
        raise UsageError(f"--target {problem}") from None
    found = profile_file is None and file is not None
    warnings = (_elsewhere(profile.target.url, url),) if found and profile.target.url not in (None, url) else ()
    return Target(url=url, profile=profile, profile_file=file, environ=environ, warnings=warnings, **options)


def _elsewhere(own: str | None, url: str) -> str:
    return (
        f"./{PROFILE_NAME} was read because it is here; it is about {own}, not {url}: "
        "if that is another server, name its profile with --profile"
    )
