"""Rules for paths that do not reach what they should."""

from __future__ import annotations

from collections.abc import Iterator

from pulsegate.harness.proxy.configuration import PROXIED
from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.matching import Pattern, pattern_of
from pulsegate.harness.proxy.patch import Change, add_after, replace
from pulsegate.harness.proxy.routing import destination_of, passes_on
from pulsegate.harness.proxy.rules.scene import LintFinding, Rule, Scene, clause_of, finding, where

_API = "/api/"


def front_end(scene: Scene) -> Iterator[LintFinding]:
    """A documented path under ``/api/`` that the application never sees."""
    lost: dict[Directive, list[str]] = {}
    for surface, path in scene.paths.items():
        if not path.startswith(_API) or scene.routes.location(surface) is not None:
            continue
        answer = scene.routes.answer(surface)
        if answer.redirect or (answer.location is None and scene.partial):
            continue
        lost.setdefault(answer.location or scene.routes.server, []).append(surface)
    for at, surfaces in lost.items():
        paths = ", ".join(sorted({scene.paths[surface] for surface in surfaces}))
        yield finding(
            "front-end",
            "breaks",
            where(at),
            where(at).text,
            *_api_location(scene, at),
            clause="PROXY-4",
            surfaces=surfaces,
            effect=f"{paths}: answered here, not by the application; clients get a page instead of a stream",
            remedy=f"pass {_API} on to the application",
        )


def _api_location(scene: Scene, at: Directive) -> tuple[Change, ...]:
    """A location for all of ``/api/``, where the application is known and there is none yet."""
    upstream = _application(scene)
    taken = any(pattern_of(location).text in (_API, _API.rstrip("/")) for location in scene.routes.server.walk()
                if location.name == "location")  # fmt: skip
    beside = at if at.name == "location" else next(iter(scene.routes.server.named("location")), None)
    if upstream is None or taken or beside is None or beside.generated:
        return ()
    lines = (
        "",
        f"location {_API} {{",
        f"    proxy_pass {upstream};",
        "    proxy_http_version 1.1;",
        "    proxy_set_header Upgrade $http_upgrade;",
        '    proxy_set_header Connection "upgrade";',
        "    proxy_buffering off;",
        "    proxy_read_timeout 90s;",
        "}",
    )
    return (add_after(beside, *lines),)


def _application(scene: Scene) -> str | None:
    """The application's address, from where it is passed to or from an upstream that nobody passes to."""
    for directive in (*scene.routes.server.walk(), *scene.configuration.http.walk()):
        if directive.name == PROXIED and scene.routes.is_application(directive):
            found = destination_of(directive.args[0])
            return f"{found.scheme}://{found.authority}" if found else directive.args[0]
    passed = {name for d in scene.configuration.http.walk() if d.name == PROXIED for name in scene.routes.names(d)}
    unused = [name for name in scene.configuration.upstreams if name not in passed]
    return f"http://{unused[0]}" if len(unused) == 1 else None


def redirected(scene: Scene) -> Iterator[LintFinding]:
    """A location with a slash too many: the path without it gets 301, which streams and POSTs do not survive."""
    for surface, path in scene.paths.items():
        answer = scene.routes.answer(surface)
        location = answer.location
        if not answer.redirect or location is None:
            continue
        passed = passes_on(location)
        destination = destination_of(passed.args[0]) if passed else None
        plain = destination is not None and not destination.rest
        pattern = pattern_of(location)
        fixed = " ".join(["location", *filter(None, [pattern.modifier]), pattern.text.rstrip("/")])
        yield finding(
            "redirected",
            "breaks",
            location,
            location.text,
            *([replace(location, fixed)] if plain else []),
            clause="PROXY-4",
            surfaces=(surface,),
            effect=f"{path} is answered with a redirect to {path}/, which the application does not know",
            remedy="leave out the slash at the end of the location",
        )


def never_reached(scene: Scene) -> Iterator[LintFinding]:
    """A location made for a stream path, which a regular expression takes away from it."""
    for surface, path in scene.paths.items():
        winner = scene.routes.answer(surface).location
        if winner is None or pattern_of(winner).modifier not in ("~", "~*") or winner.parent is None:
            continue
        made = _made_for(winner.parent, path)
        if made is not None:
            location, pattern = made
            yield finding(
                "never-reached",
                "breaks",
                location,
                location.text,
                replace(location, f"location ^~ {pattern.text}"),
                clause=clause_of((surface,)),
                surfaces=(surface,),
                effect=f"{path} never comes here: {winner.text} ({winner.place}) matches it and goes first",
                remedy="put ^~ before the prefix: it then goes before regular expressions",
            )


def _made_for(block: Directive, path: str) -> tuple[Directive, Pattern] | None:
    """The longest plain prefix in `block` for `path`, unless it is for everything."""
    plain = [(location, pattern_of(location)) for location in block.named("location")]
    fitting = [
        (location, pattern)
        for location, pattern in plain
        if pattern.modifier == "" and pattern.text != "/" and pattern.matches(path) and passes_on(location)
    ]
    return max(fitting, key=lambda entry: len(entry[1].text), default=None)


RULES: tuple[Rule, ...] = (front_end, redirected, never_reached)
