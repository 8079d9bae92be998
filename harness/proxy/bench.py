"""One configuration set up to be measured: before the target, and before a server of our own with times shrunk."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.proxy.configuration import Configuration
from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.evidence import Evidence
from pulsegate.harness.proxy.hearing import Way
from pulsegate.harness.proxy.installation import Installation
from pulsegate.harness.proxy.matching import pattern_of
from pulsegate.harness.proxy.nginx import Nginx
from pulsegate.harness.proxy.relocation import relocate
from pulsegate.harness.proxy.routing import Routes
from pulsegate.harness.proxy.settings import milliseconds, setting

#: What proxy_read_timeout becomes where a cut is wanted, in seconds.
CUT_S = 1.0
DEFAULT_READ_TIMEOUT = "60s"
#: How often free ports are looked for before one configuration is given up.
PORT_TRIES = 4
#: The surfaces whose streams a location is there for.
STREAMING = ("sse", "rt", "cmp", "kit")


@dataclass(frozen=True, slots=True)
class Running:
    """A running nginx and the way through it."""

    nginx: Nginx
    way: Way

    @property
    def death(self) -> str:
        """How nginx died meanwhile, in a sentence; empty while it lives."""
        try:
            self.nginx.check()
        except CouldNotMeasure as problem:
            return str(problem)
        return ""

    def memory(self) -> int:
        """Bytes of its processes; 0 when they are gone."""
        try:
            return self.nginx.memory()
        except (CouldNotMeasure, psutil.Error):
            return 0


class Bench:
    """`configuration` under `name`; whatever `start` starts ends with the bench, a context manager.

    `paths` are the target's documented paths, `headers` those of every request.
    """

    def __init__(
        self,
        name: str,
        configuration: Configuration,
        paths: Mapping[str, str],
        directory: Path,
        installation: Installation,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.configuration = configuration
        self.routes = Routes(configuration, paths)
        self.installation = installation
        self.notes: tuple[str, ...] = ()
        self._headers = dict(headers or {})
        self._directory = directory
        self._numbers = count(1)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def start(self, target_url: str, *, scale: float = 1.0, stack: ExitStack | None = None) -> Running:
        """Run it before `target_url`, its times multiplied by `scale`, until `stack` (or the bench) ends.

        A port that somebody else took meanwhile is changed for another one.
        """
        for _ in range(PORT_TRIES - 1):
            try:
                return self._start(target_url, scale, stack or self._stack)
            except CouldNotMeasure as problem:
                if "is in use" not in str(problem):
                    raise
        return self._start(target_url, scale, stack or self._stack)

    def _start(self, target_url: str, scale: float, stack: ExitStack) -> Running:
        directory = self._directory / f"{self.name}-{next(self._numbers)}"  # several may start at once
        moved = relocate(
            self.configuration,
            directory,
            target_url,
            paths=self.routes.paths,
            scale=scale,
            version=self.installation.version,
        )
        self.notes = moved.notes
        nginx = stack.enter_context(Nginx(moved, self.installation))
        options = ConnectOptions(ca_file=moved.ca_file, use_proxies=False)
        return Running(nginx, Way(self.name, moved.url, options, self._headers))

    @property
    def covered(self) -> frozenset[str]:
        """The surfaces that it has something to say about: all, unless it is but a part of a configuration."""
        if self.whole:
            return frozenset(self.routes.paths)
        return frozenset(one for one in self.routes.paths if self.routes.answer(one).location is not None)

    @property
    def whole(self) -> bool:
        """Whether it says what becomes of every path, and not only of some."""
        return self.configuration.level in ("main", "http")

    def stream_path(self) -> str:
        """The path of its streams; empty where it passes none on."""
        surface = self.stream_surface()
        return self.routes.paths[surface] if surface else ""

    def stream_surface(self) -> str | None:
        """The first surface with streams that is passed on to the application."""
        return next((one for one in STREAMING if self.routes.location(one) is not None), None)

    @property
    def stream_location(self) -> Directive | None:
        """The location of that surface."""
        surface = self.stream_surface()
        return self.routes.location(surface) if surface else None

    def read_timeout(self) -> tuple[str, float | None]:
        """proxy_read_timeout where streams are, as it is written and in seconds."""
        return self._time("proxy_read_timeout", DEFAULT_READ_TIMEOUT)

    def cut_scale(self) -> float:
        """By what times are multiplied so that a silent stream is cut after CUT_S."""
        seconds = self.read_timeout()[1] or 60.0
        return CUT_S / seconds

    def _time(self, name: str, default: str) -> tuple[str, float | None]:
        location = self.stream_location
        found = setting(location, name) if location else None
        text = found.args[0] if found and found.args else default
        ms = milliseconds(text)
        return (text if found else f"{default} (nginx's default)"), ms / 1000 if ms else None

    def evidence(self) -> Evidence:
        """What the configuration says, before anything is measured."""
        text, seconds = self.read_timeout()
        shutdown = self.configuration.main.named("worker_shutdown_timeout")
        return Evidence(
            self.name,
            covered=self.covered,
            uncovered=frozenset(self.routes.paths) - self.covered,
            shared_location=self._swallowing(),
            read_timeout=text,
            read_timeout_s=seconds,
            shutdown_timeout=shutdown[0].args[0] if shutdown else "",
        )

    def _swallowing(self) -> str:
        """``file:line`` of the location that is made for a stream's path and takes the WebSocket's too."""
        location = self.routes.location("ws")
        if location is None or location.generated:
            return ""
        streams = {self.routes.paths[one] for one in STREAMING if self.routes.location(one) is location}
        made_for_it = pattern_of(location).text.rstrip("/") in streams
        return f"{location.file.name}:{location.line}" if made_for_it else ""
