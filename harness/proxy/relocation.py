"""A private copy of a configuration: other ports, other upstreams, no path outside one folder; all else as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pulsegate.harness.profile import Profile
from pulsegate.harness.proxy.configuration import Configuration
from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.installation import Version
from pulsegate.harness.proxy.moving import FRONT_END_PAGE, Move, MovedServer
from pulsegate.harness.proxy.routing import Routes, documented_paths

#: Blocks whose entries are data, whatever they are called.
_DATA = frozenset({"map", "geo", "types", "split_clients", "charset_map", "match"})


@dataclass(frozen=True)
class Place:
    """A line of the user's own text."""

    file: Path
    line: int

    def __str__(self) -> str:
        """``file:line``."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, eq=False)
class Relocated:
    """What `relocate` wrote: `file` in `directory`, and where it will answer.

    `url` is the base URL of the server that the documented paths meet; `ca_file` signs its certificate
    (None without TLS); `notes` say in a sentence each what is not as it was.
    """

    configuration: Configuration
    directory: Path
    file: Path
    url: str
    ca_file: Path | None
    servers: tuple[MovedServer, ...]
    notes: tuple[str, ...]
    origins: tuple[Place | None, ...]

    @property
    def ports(self) -> tuple[int, ...]:
        """Every loopback port that nginx will listen on."""
        return tuple(listen.port for server in self.servers for listen in server.listens)

    def origin_of(self, line: int) -> Place | None:
        """Where line `line` (from 1) of the written file came from; None for a line of Pulsegate's own."""
        return self.origins[line - 1] if 0 < line <= len(self.origins) else None


def relocate(
    configuration: Configuration,
    directory: Path,
    target_url: str,
    *,
    paths: Mapping[str, str] | None = None,
    scale: float = 1.0,
    version: Version | None = None,
    addresses: Mapping[str, str] | None = None,
) -> Relocated:
    """Write `configuration` into `directory`: it can run there, and the application's requests go to `target_url`.

    `paths` (surface to path; the documented ones by default) tell which upstream is the application; every other
    one becomes a small HTML page. Timeouts (`moving.SCALED`), set or by default, are multiplied by `scale`.
    `version` is that of the nginx that will run it. `addresses` say where single servers of the application's upstreams
    are (``app1:8000`` to ``127.0.0.1:40001``), when not at `target_url`. Raises UsageError for a target URL with a
    path, and where no server has anything to do with the paths.
    """
    routes = Routes(configuration, documented_paths(Profile()) if paths is None else paths)
    directory = directory.resolve()
    for folder in ("html", "temp"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    (directory / "html" / "index.html").write_text(FRONT_END_PAGE + "\n", encoding="utf-8")
    move = Move(routes, directory, target_url, scale, version, addresses=addresses)
    writer = _Writer(move)
    writer.write_main(configuration.main)
    file = directory / "nginx.conf"
    file.write_text("".join(f"{line}\n" for line in writer.lines), encoding="utf-8")
    chosen = next(server for server in move.servers if server.directive is routes.server)
    return Relocated(
        configuration, directory, file, chosen.url, move.ca_file, tuple(move.servers), tuple(move.notes),
        tuple(writer.origins),
    )  # fmt: skip


class _Writer:
    def __init__(self, move: Move) -> None:
        self.lines: list[str] = []
        self.origins: list[Place | None] = []
        self._move = move

    def write_main(self, main: Directive) -> None:
        self._own(self._move.main_header(), 0)
        for directive in main.block or ():
            self._directive(directive, 0)

    def _own(self, statements: list[str], depth: int) -> None:
        for statement in statements:
            self._line(statement, depth, None)

    def _line(self, text: str, depth: int, origin: Place | None) -> None:
        # a quoted word may run over several lines
        for line in ("    " * depth + text).split("\n"):
            self.lines.append(line.rstrip("\r"))
            self.origins.append(origin)

    def _directive(self, directive: Directive, depth: int) -> None:
        origin = None if directive.generated else Place(directive.file, directive.line)
        statements = self._move.rewritten(directive)
        for statement in [directive.text] if statements is None else statements:
            block = directive.block is not None and statement == directive.text
            self._line(f"{statement} {{" if block else statement, depth, origin)
            if block:
                self._block(directive, depth + 1)
                end = Place(directive.file, directive.last.line) if directive.last else origin
                self._line("}", depth, end)

    def _block(self, directive: Directive, depth: int) -> None:
        self._own(self._move.block_header(directive), depth)
        for inner in directive.block or ():
            if directive.name in _DATA:
                self._entry(inner, depth)
            else:
                self._directive(inner, depth)
        self._own(self._move.block_footer(directive), depth)

    def _entry(self, entry: Directive, depth: int) -> None:
        """An entry of a map or of another table of data."""
        if entry not in self._move.routes.configuration.included:
            self._line(self._move.entry(entry), depth, Place(entry.file, entry.line))
