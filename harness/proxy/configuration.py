"""An nginx configuration as it is in force: a whole ``nginx.conf``, a server block, or just a ``location``."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from crossplane.analyzer import CONTEXTS, DIRECTIVES

from pulsegate.harness.errors import UsageError
from pulsegate.harness.proxy.directives import Directive, Word, build, read_text, read_words

Level = Literal["main", "http", "server", "location"]
#: The innermost block that crossplane knows each level by.
_CONTEXTS: dict[Level, int] = {
    "main": CONTEXTS[()],
    "http": CONTEXTS["http",],
    "server": CONTEXTS["http", "server"],
    "location": CONTEXTS["http", "location"],
}
_INCLUDE_DEPTH = 10
#: Where installed configurations live; copies of them keep such paths in their include lines.
_INSTALLED = ("/etc/nginx", "/usr/local/etc/nginx", "/usr/local/nginx/conf")
#: What every nginx brings along, the same everywhere.
_DISTRIBUTED = ("mime.types", "fastcgi_params", "fastcgi.conf", "scgi_params", "uwsgi_params", "proxy_params")
#: What passes requests on by HTTP.
PROXIED = "proxy_pass"


@dataclass(eq=False)
class Configuration:
    """What was read: the tree in force, and the text of each file in it.

    `level` is what `path` held: ``"location"`` means directives of a location without the location itself.
    """

    path: Path
    level: Level
    main: Directive
    """The main context; its block holds ``events``, ``http`` and the rest."""
    texts: dict[Path, str]
    included: dict[Directive, list[Path]]
    """What each ``include`` brought."""

    @property
    def http(self) -> Directive:
        """The ``http`` block."""
        return self.main.named("http")[0]

    @property
    def servers(self) -> list[Directive]:
        """The ``server`` blocks of ``http``, in order."""
        return self.http.named("server")

    @property
    def upstreams(self) -> dict[str, Directive]:
        """The ``upstream`` blocks by name."""
        return {directive.args[0]: directive for directive in self.http.named("upstream") if directive.args}

    def walk(self) -> Iterator[Directive]:
        """Every directive in force, outermost first, in order."""
        for directive in self.main.block or ():
            yield from directive.walk()


def read_configuration(path: Path) -> Configuration:
    """Read `path` and all it includes, and think what it lacks around it (``http``, ``server``, ``location``).

    Raises UsageError, with file and line: a file missing or unreadable, a syntax error, nothing that is proxied.
    """
    reader = _Reader(path)
    top = build(reader.words(path), path, None)
    whole = any(directive.name in ("http", "events") for directive in top)
    top = reader.expanded(top, whole=whole)
    level = _level(top, path)
    configuration = Configuration(path, level, _wrapped(top, level, path), reader.texts, reader.included)
    if not any(directive.name == "http" for directive in configuration.main.block or ()):
        raise UsageError(f"{path}: there is no http block in it, so nothing that passes requests on")
    if not any(directive.name == PROXIED for server in configuration.servers for directive in server.walk()):
        raise UsageError(f"{path}: no location in it passes requests on (there is no {PROXIED})")
    return configuration


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.texts: dict[Path, str] = {}
        self.included: dict[Directive, list[Path]] = {}
        self._words: dict[Path, list[Word]] = {}

    def words(self, file: Path) -> list[Word]:
        """The words of `file`, read once."""
        if file not in self._words:
            self.texts[file] = read_text(file)
            self._words[file] = read_words(file)
        return self._words[file]

    def expanded(self, directives: list[Directive], *, whole: bool, depth: int = 0) -> list[Directive]:
        """`directives` with what each include brings after it, all the way down."""
        expanded: list[Directive] = []
        for directive in directives:
            expanded.append(directive)
            if directive.block is not None:
                directive.block = self.expanded(directive.block, whole=whole, depth=depth)
            elif directive.name == "include" and len(directive.args) == 1:
                if depth == _INCLUDE_DEPTH:
                    raise UsageError(f"{directive.place}: includes {_INCLUDE_DEPTH} deep, probably of itself")
                self.included[directive] = self._found(directive, whole=whole)
                for file in self.included[directive]:
                    brought = build(self.words(file), file, directive.parent)
                    expanded += self.expanded(brought, whole=whole, depth=depth + 1)
        return expanded

    def _found(self, include: Directive, *, whole: bool) -> list[Path]:
        pattern = include.args[0]
        for candidate in self._candidates(pattern, whole=whole):
            if found := sorted(Path(file) for file in glob.iglob(str(candidate))):  # noqa: PTH207 - may be absolute
                return found
        if glob.has_magic(pattern):
            return []
        raise UsageError(f"{include.place}: includes {pattern!r}, and there is no such file; put it beside {self.path}")

    def _candidates(self, pattern: str, *, whole: bool) -> Iterator[Path]:
        """Where nginx would look; for a part of a configuration, also in the folders above it.

        An installed path is looked for beside a copied configuration first: the files of this machine's
        own nginx are another configuration.
        """
        folder = self.path.parent
        above = [folder] if whole else [folder, *folder.resolve().parents]
        for place in _INSTALLED:
            if pattern.startswith(f"{place}/"):
                yield from (near / pattern[len(place) + 1 :] for near in above)
        if Path(pattern).is_absolute():
            yield Path(pattern)
        else:
            yield from (near / pattern for near in above)
        if pattern in _DISTRIBUTED:
            yield from (Path(place) / pattern for place in _INSTALLED)


def _level(top: list[Directive], path: Path) -> Level:
    names = {directive.name for directive in top} - {"include"}
    if names & {"http", "events"}:
        return "main"
    for level, mask in _CONTEXTS.items():
        if level != "main" and all(_allowed(name, mask) for name in names):
            return level
    if "server" not in names and all(_allowed(name, _CONTEXTS["server"] | _CONTEXTS["http"]) for name in names):
        return "server"
    strange = next(directive for directive in top if not _allowed(directive.name, _CONTEXTS["server"]))
    raise UsageError(
        f'{strange.place}: "{strange.name}" does not belong beside the rest of {path.name}; '
        "give a whole nginx.conf, server blocks, or locations"
    )


def _allowed(name: str, context: int) -> bool:
    return name not in DIRECTIVES or any(mask & context for mask in DIRECTIVES[name])


def _wrapped(top: list[Directive], level: Level, path: Path) -> Directive:
    """The main context around `top`, with the blocks that `level` lacks."""
    main = Directive("main", (), path, 0, block=[])
    inner = main
    missing: dict[Level, list[tuple[str, tuple[str, ...]]]] = {
        "main": [],
        "http": [("http", ())],
        "server": [("http", ()), ("server", ())],
        "location": [("http", ()), ("server", ()), ("location", ("/",))],
    }
    if level != "main":
        _put(main, Directive("events", (), path, 0, block=[]))
    for name, args in missing[level]:
        block = Directive(name, args, path, 0, block=[])
        _put(inner, block)
        inner = block
    for directive in top:
        # a map or an upstream beside a location, as documentation shows them
        outside = level == "server" and not _allowed(directive.name, _CONTEXTS["server"])
        _put(main.named("http")[0] if outside else inner, directive)
    return main


def _put(block: Directive, directive: Directive) -> None:
    directive.parent = block
    if block.block is not None:
        block.block.append(directive)
