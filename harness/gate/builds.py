"""The two sides of a comparison: a server that is there, or a command that starts a fresh one for each run."""

from __future__ import annotations

import os
import secrets
import shlex
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from pulsegate.harness.errors import CouldNotMeasure, ServerStartError, TargetUnreachable, UsageError
from pulsegate.harness.loopback import free_ports
from pulsegate.harness.readiness import wait_until_ready
from pulsegate.harness.record.comparison import ComparedBuild
from pulsegate.harness.reference import REFERENCE_HEARTBEAT_S, reference_profile
from pulsegate.harness.service import Service, end_program
from pulsegate.harness.target import Target, read_profile

#: What stands in a command for the port that the build is to listen on.
PORT = "{port}"
#: How long a started build may take until it answers, in seconds.
START_LIMIT_S = 30.0
STOP_LIMIT_S = 15.0
_POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Running:
    """A build that runs: how to reach it, and its memory in bytes where that can be told from earlier runs' memory."""

    target: Target
    memory: Callable[[], float] | None = None


class Build(ABC):
    """One side of a comparison."""

    @abstractmethod
    def described(self) -> ComparedBuild:
        """What it is, for the record."""

    @property
    @abstractmethod
    def fresh(self) -> bool:
        """Whether each run has a server of its own."""

    @abstractmethod
    def running(self, logs: Path) -> AbstractContextManager[Running]:
        """The build while it runs, as a context manager; its output goes to `logs`."""


@dataclass(frozen=True)
class UrlBuild(Build):
    """A server that is there already, and stays."""

    target: Target
    wait_s: float = 0.0

    def described(self) -> ComparedBuild:
        """Its address."""
        return ComparedBuild(kind="reference" if self.target.reference else "url", what=self.target.shown_url)

    @property
    def fresh(self) -> bool:
        """It is the same server in every run."""
        return False

    @contextmanager
    def running(self, logs: Path) -> Iterator[Running]:
        """Nothing is started; TargetUnreachable when it does not answer in `wait_s`."""
        wait_until_ready(self.target, self.wait_s)
        yield Running(self.target)


@dataclass(frozen=True)
class CommandBuild(Build):
    """A command that starts the build on the port that ``{port}`` stands for.

    `target_at` makes the target of a URL. UsageError when the command names no port.
    """

    command: str
    target_at: Callable[[str], Target]
    shown: str = ""
    reference: bool = False
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    start_limit_s: float = START_LIMIT_S

    def __post_init__(self) -> None:
        if PORT not in self.command:
            raise UsageError(f"the command {self.command!r} does not say {PORT}, where the port belongs")

    def described(self) -> ComparedBuild:
        """The command as it was given."""
        return ComparedBuild(kind="reference" if self.reference else "command", what=self.shown or self.command)

    @property
    def fresh(self) -> bool:
        """Each run starts the command again."""
        return True

    @contextmanager
    def running(self, logs: Path) -> Iterator[Running]:
        """Start it, wait until it answers, and end it with everything that it started.

        Raises ServerStartError, with the last line it printed, when it ends or does not answer.
        """
        [port] = free_ports(1)
        target = self.target_at(f"http://127.0.0.1:{port}")
        with Command(self.command.replace(PORT, str(port)), logs / "server.log", {**os.environ, **self.environ}) as own:
            own.wait_until_ready(target, self.start_limit_s)
            yield Running(target, own.memory)


def reference_build(flags: str, profile_file: Path | None, options: Mapping[str, Any]) -> CommandBuild:
    """The bundled server with `flags` of its own; `options` are further members of Target."""
    secret = secrets.token_urlsafe(32)
    profile = reference_profile() if profile_file is None else read_profile(profile_file)
    timing = profile.timing.model_copy(update={"heartbeat_s": REFERENCE_HEARTBEAT_S})
    profile = profile.model_copy(update={"timing": timing})
    environ = {profile.identities.jwt_secret_env: secret, "PULSEGATE_JWT_SECRET": secret, "PYTHONUNBUFFERED": "1"}
    own = [sys.executable, "-P", "-m", "pulsegate.reference_server", "--heartbeat", f"{REFERENCE_HEARTBEAT_S:g}"]

    def target_at(url: str) -> Target:
        return Target(url=url, profile=profile, reference=True, environ={**os.environ, **environ}, **options)

    return CommandBuild(
        f"exec {shlex.join(own)} --port {PORT} {flags}",
        target_at,
        shown=f"pulsegate serve {flags}".strip(),
        reference=True,
        environ=environ,
    )


class Command(Service):
    """A shell command, with all that it starts, in a session of its own that ends with us however we end."""

    def __init__(self, command: str, log: Path, environ: Mapping[str, str]) -> None:
        self._command = command
        self._log = log
        self._environ = dict(environ)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; whether it is ready is another question."""
        keeper = ["pulsegate.harness.guarded", "pulsegate.harness.keeper", "/bin/sh", "-c", self._command]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own command
                [sys.executable, "-P", "-m", *keeper],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environ,
                start_new_session=True,
            )

    def stop(self) -> None:
        """End it with all that it started: gracefully, then by force."""
        process, self._process = self._process, None
        if process is not None:
            end_program(process, STOP_LIMIT_S)

    def wait_until_ready(self, target: Target, limit_s: float) -> None:
        """Return when it answers; ServerStartError when it ends before, or takes too long."""
        assert self._process is not None
        deadline = time.monotonic() + limit_s
        while True:
            try:
                wait_until_ready(target, _POLL_S)
            except TargetUnreachable as problem:
                if self._process.poll() is not None:
                    raise ServerStartError(f"the build ended at once: {self._last_words()}") from None
                if time.monotonic() > deadline:
                    raise ServerStartError(f"the build was not ready after {limit_s:g} s: {problem}") from None
            else:
                return

    def memory(self) -> float:
        """Resident memory of the command and of all that it started, in bytes; CouldNotMeasure when it has ended."""
        assert self._process is not None
        try:
            started = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            raise CouldNotMeasure("the build has ended") from None
        total = 0.0
        for process in started:
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total

    def _last_words(self) -> str:
        text = self._log.read_text(encoding="utf-8", errors="replace")
        return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it printed nothing")
