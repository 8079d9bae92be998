"""Rules for the location that passes WebSockets on."""

from __future__ import annotations

from collections.abc import Iterator

from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.matching import pattern_of
from pulsegate.harness.proxy.patch import Change, add_after, put, put_headers
from pulsegate.harness.proxy.routing import destination_of, passes_on
from pulsegate.harness.proxy.rules.scene import LintFinding, Rule, Scene, finding, where
from pulsegate.harness.proxy.settings import header, value

_UPGRADE = {"Upgrade": "$http_upgrade", "Connection": '"upgrade"'}


def upgrade(scene: Scene) -> Iterator[LintFinding]:
    """A WebSocket path whose location passes no upgrade on; a streaming location in its way is PROXY-6."""
    location = scene.socket
    if location is None or not (missing := _missing(scene, location)):
        return
    path = scene.paths["ws"]
    effect = f"the handshake at {path} reaches the upstream as an ordinary request ({', '.join(missing)})"
    at = where(location)
    if location not in scene.streams:
        yield finding(
            "upgrade",
            "breaks",
            at,
            at.text,
            put(location, "proxy_http_version", "1.1"),
            *put_headers(location, _UPGRADE),
            clause="PROXY-2",
            surfaces=("ws",),
            effect=effect,
            remedy="speak HTTP/1.1 and pass Upgrade and Connection on",
        )
        return
    swallowed = pattern_of(location).text.rstrip("/") in (scene.paths[surface] for surface in scene.streams[location])
    said = f"{at.text} captures {path}" if swallowed else at.text
    yield finding(
        "swallowed" if swallowed else "upgrade",
        "breaks",
        at,
        said,
        *_own_location(scene, location, path),
        clause="PROXY-6" if swallowed else "PROXY-2",
        surfaces=("ws",),
        effect=effect,
        remedy=f"give {path} a location of its own",
    )


def _missing(scene: Scene, location: Directive) -> list[str]:
    """What an upgrade lacks in `location`."""
    missing = []
    if scene.http_version(location) == "1.0":
        missing.append("HTTP/1.0 to the upstream")
    if not header(location, "Upgrade"):
        missing.append("no Upgrade header")
    connection = header(location, "Connection")
    if connection is None or ("$" not in connection and "upgrade" not in connection.lower()):
        missing.append("Connection not passed on" if connection is None else f"Connection {connection or 'cleared'}")
    return missing


def _own_location(scene: Scene, location: Directive, path: str) -> tuple[Change, ...]:
    """A location for `path` alone after `location`; none when that is not written in the user's text."""
    passed = passes_on(location)
    if passed is None or location.generated:
        return ()
    timeout = value(location, "proxy_read_timeout", "")
    lines = [
        "",
        f"location = {path} {{",
        f"    proxy_pass {_onward(location, passed, path)};",
        "    proxy_http_version 1.1;",
        *(f"    proxy_set_header {name} {said};" for name, said in _kept(location).items()),
        *([f"    proxy_read_timeout {timeout};"] if timeout else []),
        "}",
    ]
    return (add_after(location, *lines),)


def _kept(location: Directive) -> dict[str, str]:
    """The headers that the location sets itself, which one beside it does not inherit, and the upgrade's."""
    own = {d.args[0]: d.words[2].raw for d in location.named("proxy_set_header") if len(d.words) == 3}
    return {**{name: said for name, said in own.items() if name not in _UPGRADE}, **_UPGRADE}


def _onward(location: Directive, passed: Directive, path: str) -> str:
    """Where `path` goes: an address with a path of its own replaces the location's part of it."""
    text, pattern = passed.args[0], pattern_of(location)
    destination = destination_of(text)
    if destination is None or not destination.rest or "$" in text or pattern.modifier not in ("", "^~"):
        return passed.words[1].raw
    return f"{text}{path.removeprefix(pattern.text)}"


RULES: tuple[Rule, ...] = (upgrade,)
