"""Which server and which locations the documented paths meet, and which upstreams are the application."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from os.path import commonprefix

from pulsegate.harness.profile import Profile
from pulsegate.harness.proxy.configuration import PROXIED, Configuration
from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.matching import Answer, answering, pattern_of

SURFACES = ("health", "sse", "rt", "run", "ws", "kit", "cmp", "chat", "fall", "agui")
#: Surfaces whose answers are streams of events.
STREAMS = ("sse", "rt", "cmp", "kit", "agui")
_FRONT_END = re.compile(
    r"(?:^|[-_.\d])(?:front|frontend|web|website|webapp|ui|spa|static|assets|cdn|client|next|nextjs|nuxt|vite|www)"
    r"(?:$|[-_.\d])"
)
# what begins with the request's own URI is no part of the authority, though no slash comes before it
_URI = r"\$(?:\{|\b)(?:request_uri|uri|document_uri|is_args)\b"
_ADDRESS = re.compile(rf"(?P<scheme>https?)://(?P<authority>unix:[^:]+:?|(?:(?!{_URI})[^/?#])*)(?P<rest>.*)", re.DOTALL)


def documented_paths(profile: Profile) -> dict[str, str]:
    """Surface to path (without query), for what `profile` offers."""
    paths = {surface: profile.surfaces.path(surface) for surface in SURFACES}
    return {surface: path.partition("?")[0] for surface, path in paths.items() if path}


@dataclass(frozen=True)
class Destination:
    """Where a ``proxy_pass`` goes: ``http``, ``backend:8000``, ``/uri`` (empty where the request's own is kept)."""

    scheme: str
    authority: str
    rest: str


def destination_of(text: str) -> Destination | None:
    """The parts of an address; None where a variable stands for all of it."""
    found = _ADDRESS.fullmatch(text)
    return Destination(found["scheme"], found["authority"], found["rest"]) if found else None


class Routes:
    """Where the documented `paths` (surface to path) go in a configuration."""

    def __init__(self, configuration: Configuration, paths: Mapping[str, str]) -> None:
        self.configuration = configuration
        self.paths = dict(paths)

    @cached_property
    def server(self) -> Directive:
        """The server that passes on most of the documented paths, or comes nearest to that; of equals the first."""
        return max(self.configuration.servers, key=self._weight)

    def _weight(self, server: Directive) -> tuple[int, int]:
        passed = sum(self._passed(server, path) is not None for path in self.paths.values())
        proxied = [pattern_of(d.parent).text for d in server.walk() if d.name == PROXIED and d.parent]
        return passed, max((self._likeness(text) for text in proxied), default=-1)

    def _likeness(self, prefix: str) -> int:
        """How far a documented path agrees with `prefix`, in characters."""
        paths = self.paths.values()
        return max((len(commonprefix([prefix, path])) for path in paths), default=0)  # noqa: RUF071 - characters

    def _passed(self, server: Directive, path: str) -> Directive | None:
        location = answering(server, path).location
        return passes_on(location) if location else None

    def answer(self, surface: str) -> Answer:
        """Who answers the path of `surface`."""
        return answering(self.server, self.paths[surface])

    def location(self, surface: str) -> Directive | None:
        """The location that passes `surface` on to the application, or None."""
        if surface not in self.paths:
            return None
        answer = self.answer(surface)
        passed = passes_on(answer.location) if answer.location and not answer.redirect else None
        return answer.location if passed is not None and self.is_application(passed) else None

    def is_application(self, passed: Directive) -> bool:
        """Whether this ``proxy_pass`` leads to the application rather than to a front end."""
        return bool(self.names(passed) & self.application)

    def names(self, passed: Directive) -> set[str]:
        """The authorities a ``proxy_pass`` may lead to; variables replaced by what sets them."""
        return {found.authority for text in self.values(passed.args[0]) if (found := destination_of(text))}

    def values(self, text: str, depth: int = 3) -> set[str]:
        """`text` with its variables replaced by each value that a ``set`` or ``map`` gives them."""
        for name in re.findall(r"\$\{?(\w+)\}?", text):
            if depth and (values := self._variables.get(name)):
                put = [text.replace(f"${{{name}}}", each).replace(f"${name}", each) for each in values]
                return {whole for replaced in put for whole in self.values(replaced, depth - 1)}
        return {text}

    @cached_property
    def _variables(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for directive in self.configuration.walk():
            if directive.name == "set" and len(directive.args) == 2:
                found.setdefault(directive.args[0].lstrip("$"), set()).add(directive.args[1])
            if directive.name == "map" and len(directive.args) == 2:
                entries = found.setdefault(directive.args[1].lstrip("$"), set())
                entries.update(entry.args[0] for entry in directive.block or () if len(entry.args) == 1)
        return found

    @cached_property
    def application(self) -> frozenset[str]:
        """The authorities of the application.

        Those that a documented path reaches by a location of its own; without any, those of the server that the
        paths meet, or of all, unless they are called like a front end.
        """
        own: set[str] = set()
        for server in self.configuration.servers:
            for path in self.paths.values():
                location = answering(server, path).location
                passed = passes_on(location) if location else None
                if location and passed and not _for_everything(location):
                    own |= self.names(passed)
        return frozenset(own or self._likely(self.server) or self._likely(self.configuration.http))

    def _likely(self, block: Directive) -> set[str]:
        """The authorities that are passed to within `block` and are not called like a front end."""
        found = {name for d in block.walk() if d.name == PROXIED for name in self.names(d)}
        return {name for name in found if not _FRONT_END.search(name.lower().partition(":")[0])}


def passes_on(location: Directive) -> Directive | None:
    """The ``proxy_pass`` of a location; None where it answers by itself."""
    return next(iter(location.named(PROXIED)), None)


def _for_everything(location: Directive) -> bool:
    pattern = pattern_of(location)
    return pattern.modifier == "@" or (pattern.modifier in ("", "^~") and pattern.text == "/")
