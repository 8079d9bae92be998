"""What a rule sees, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from pulsegate.harness.profile import Profile
from pulsegate.harness.proxy.configuration import Configuration
from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.installation import HTTP_1_1_BY_DEFAULT, Version
from pulsegate.harness.proxy.patch import Change, Fix
from pulsegate.harness.proxy.routing import STREAMS, Routes, passes_on
from pulsegate.harness.proxy.settings import setting, value

Severity = Literal["breaks", "risk"]


@dataclass(frozen=True)
class LintFinding:
    """What a rule found at `file`:`line`, where `directive` stands (or should).

    ``breaks``: the clause cannot hold; ``risk``: it depends on more than the configuration. `surfaces` are those
    touched; `effect` and `remedy` are a sentence each.
    """

    rule: str
    severity: Severity
    file: Path
    line: int
    directive: str
    clause: str
    surfaces: tuple[str, ...]
    effect: str
    remedy: str
    fix: Fix | None


@dataclass(frozen=True)
class Scene:
    """A configuration with what is known of its use."""

    configuration: Configuration
    paths: Mapping[str, str]
    profile: Profile
    version: Version
    load: int | None = None

    @cached_property
    def routes(self) -> Routes:
        """Where the paths go."""
        return Routes(self.configuration, self.paths)

    @cached_property
    def streams(self) -> dict[Directive, tuple[str, ...]]:
        """The locations that pass streams of events on, each with its surfaces."""
        found: dict[Directive, tuple[str, ...]] = {}
        for surface in STREAMS:
            if location := self.routes.location(surface):
                found[location] = (*found.get(location, ()), surface)
        return found

    @cached_property
    def socket(self) -> Directive | None:
        """The location that passes WebSockets on."""
        return self.routes.location("ws")

    @property
    def partial(self) -> bool:
        """Whether the user's text is but a part of a server, which cannot be blamed for what it does not say."""
        return self.configuration.level in ("server", "location")

    def http_version(self, location: Directive) -> str:
        """The version that the upstream is spoken to in."""
        return value(location, "proxy_http_version", "1.1" if self.version >= HTTP_1_1_BY_DEFAULT else "1.0")


Rule = Callable[[Scene], Iterator[LintFinding]]


def clause_of(surfaces: Sequence[str]) -> str:
    """The clause that a stream which does not arrive as it was sent breaks."""
    return "KIT-11" if set(surfaces) == {"kit"} else "PROXY-1"


def place_of(location: Directive, name: str, default: str) -> tuple[Directive, str]:
    """Where `name` is said for `location`, and what; else where it should be, and nginx's `default`."""
    found = setting(location, name)
    if found is not None:
        return found, found.text
    return where(location), f"{name} {default}; (nginx's default)"


def where(location: Directive) -> Directive:
    """`location`, or where its own line is not the user's, what it passes requests on with."""
    return (passes_on(location) or location) if location.generated else location


def finding(
    rule: str,
    severity: Severity,
    at: Directive,
    said: str,
    *changes: Change,
    clause: str,
    surfaces: Sequence[str],
    effect: str,
    remedy: str,
) -> LintFinding:
    """A finding at the directive `at`; without `changes` there is no ready fix."""
    fix = Fix(changes) if changes else None
    return LintFinding(rule, severity, at.file, at.line, said, clause, tuple(surfaces), effect, remedy, fix)


def misset(
    rule: str,
    severity: Severity,
    location: Directive,
    name: str,
    change: Change,
    *,
    default: str,
    surfaces: Sequence[str],
    effect: str,
    remedy: str,
    clause: str = "",
) -> LintFinding:
    """A finding about what the setting `name` is for `location`, at its line, or where nginx's `default` holds.

    By default of the clause that streams break which do not arrive as they were sent.
    """
    at, said = place_of(location, name, default)
    return finding(
        rule, severity, at, said, change,
        clause=clause or clause_of(surfaces), surfaces=surfaces, effect=effect, remedy=remedy,
    )  # fmt: skip
