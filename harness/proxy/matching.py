"""Which ``location`` answers a path: nginx's own search, on the parsed configuration.

Source: ngx_http_core_module, ``location``: the longest prefix, unless it is exact; ``^~`` ends the search there;
else the first regular expression that matches; locations within the one found are searched in the same way first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from pulsegate.harness.proxy.configuration import PROXIED
from pulsegate.harness.proxy.directives import Directive

_MODIFIERS = ("^~", "~*", "~", "=")
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")


@dataclass(frozen=True)
class Pattern:
    """What a location says of paths: a `modifier` (empty for a plain prefix, ``@`` for a named one) and the rest."""

    modifier: str
    text: str

    def matches(self, path: str) -> bool:
        """Whether `path` (decoded, without its query) fits it, other locations left aside."""
        if self.modifier == "=":
            return path == self.text
        if self.modifier == "@":
            return False
        if self.modifier in ("~", "~*"):
            return self._expression(path)
        return path.startswith(self.text)

    def _expression(self, path: str) -> bool:
        flags = re.IGNORECASE if self.modifier == "~*" else 0
        try:
            return re.search(_NAMED_GROUP.sub("(?P<", self.text), path, flags) is not None
        except re.error:
            return False


@dataclass(frozen=True)
class Answer:
    """Who answers a path: a `location`, or nobody but the server itself.

    `redirect`: nginx answers 301 to the path with a slash after it, because only that has a location.
    """

    location: Directive | None
    redirect: bool = False


def pattern_of(location: Directive) -> Pattern:
    """What the arguments of a ``location`` say; the modifier may be glued to the rest."""
    modifier, *rest = location.args or ("",)
    if rest:
        return Pattern(modifier, rest[0])
    if modifier.startswith("@"):
        return Pattern("@", modifier)
    for known in _MODIFIERS:
        if modifier.startswith(known):
            return Pattern(known, modifier[len(known) :])
    return Pattern("", modifier)


def answering(server: Directive, path: str) -> Answer:
    """The location of `server` that answers `path` (its query is left aside).

    Follows ``try_files`` to its last resort, for the files it names are the front end's; rewrites are not followed.
    """
    decoded = unquote(path.partition("?")[0])
    found = _search(server, decoded)[0]
    for _ in range(5):
        onward = _onward(server, found.location)
        if onward is None:
            return found
        found = onward
    return found


def _search(block: Directive, path: str) -> tuple[Answer, bool]:
    """The answer within `block`, and whether the search ends there."""
    locations = [(location, pattern_of(location)) for location in block.named("location")]
    found = Answer(None)
    regular = True
    best = _longest(locations, path)
    if best is not None:
        location, pattern = best
        if pattern.modifier == "=":
            return Answer(location), True
        if pattern.text == f"{path}/":
            return Answer(location, redirect=True), True
        regular = pattern.modifier != "^~"
        inner, final = _search(location, path)
        found = inner if inner.location else Answer(location)
        if final:
            return found, True
    if regular:
        for location, pattern in locations:
            if pattern.modifier in ("~", "~*") and pattern.matches(path):
                inner, _ = _search(location, path)
                return (inner if inner.location else Answer(location)), True
    return found, False


def _longest(locations: Sequence[tuple[Directive, Pattern]], path: str) -> tuple[Directive, Pattern] | None:
    exact = [entry for entry in locations if entry[1].modifier == "=" and entry[1].matches(path)]
    if exact:
        return exact[0]
    prefixes = [entry for entry in locations if entry[1].modifier in ("", "^~") and _reaches(entry, path)]
    return max(prefixes, key=lambda entry: len(entry[1].text), default=None)


def _reaches(entry: tuple[Directive, Pattern], path: str) -> bool:
    location, pattern = entry
    return pattern.matches(path) or (pattern.text == f"{path}/" and bool(location.named(PROXIED)))


def _onward(server: Directive, location: Directive | None) -> Answer | None:
    """Where ``try_files`` sends what is no file."""
    tries = location.named("try_files") if location else []
    if not tries or not tries[0].args:
        return None
    last = tries[0].args[-1]
    if last.startswith("@"):
        named = [inner for inner in server.named("location") if inner.args == (last,)]
        return Answer(named[0]) if named else None
    if last.startswith("=") or "$" in last:
        return None
    onward = _search(server, last.partition("?")[0])[0]
    return None if onward.location is location else onward
