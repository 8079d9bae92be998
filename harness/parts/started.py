"""A database or cache of our own: private, on a loopback port, gone with us."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from pulsegate.harness.errors import CouldNotMeasure, ToolMissing
from pulsegate.harness.loopback import free_ports
from pulsegate.harness.parts import containers
from pulsegate.harness.parts.finding import part
from pulsegate.harness.parts.processes import STOP_LIMIT_S, Running
from pulsegate.harness.service import Service

START_LIMIT_S = 60.0
#: How often a free port is looked for before it is given up.
PORT_TRIES = 4
_POLL_S = 0.02
#: What both PostgreSQL and Redis write when they are, and when they cannot be.
_READY = "ready to accept connections"
_TAKEN = "Address already in use"
#: Continues the processes among its arguments when its standard input closes, as it does however we end.
_WAKE = """
import contextlib, os, signal, sys
sys.stdin.read()
for pid in sys.argv[1:]:
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(pid), signal.SIGCONT)
"""


class _PortTaken(CouldNotMeasure):
    """Somebody took the port between looking and starting."""


class StartedPart(Service):
    """A part with a folder, a port and a password of its own, as a (sync or async) context manager.

    The machine's own program, else the official container; ToolMissing says how to get one. `halt` ends the program and
    leaves what it keeps, so that `start` goes on where it was; `stop` removes everything.
    """

    def __init__(self, name: str) -> None:
        self.part = part(name)
        self.password = secrets.token_urlsafe(24)
        self.port = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._running: Running | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where it is, password included."""

    @property
    def running(self) -> bool:
        """Whether the program lives."""
        return self._running is not None and not self._running.ended()

    @property
    def folder(self) -> Path:
        """Its private folder."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(
                prefix=f"pulsegate-{self.part.name}-", ignore_cleanup_errors=True
            )
        return Path(self._folder.name)

    def start(self) -> None:
        """Start it, or go on after `halt`, and return when it answers.

        Raises ToolMissing where it cannot be had, CouldNotMeasure with its last line when it does not start.
        """
        if self.running:
            return
        try:
            if self._running is not None:
                self._running.launch()
                self._wait_until_ready(self._running)
            else:
                self._start_on_a_free_port()
        except BaseException:
            self.stop()
            raise

    def _start_on_a_free_port(self) -> None:
        for left in reversed(range(PORT_TRIES)):
            [self.port] = free_ports(1)
            self._running = self._found()
            try:
                self._wait_until_ready(self._running)
            except _PortTaken:
                if not left:
                    raise
                self.stop()
            else:
                return

    def _found(self) -> Running:
        if binary := self.part.find():
            return self._local(binary)
        if problem := containers.why_not():
            raise ToolMissing(f"{self.part.reason}, or run a container engine ({problem})")
        return self._contained(self.part.wanted_image)

    @abstractmethod
    def _local(self, binary: Path) -> Running:
        """Start the machine's own program."""

    @abstractmethod
    def _contained(self, image: str) -> Running:
        """Start the container."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it takes requests; OSError when it does not even accept connections."""

    def _wait_until_ready(self, running: Running) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            ended, printed = running.ended(), running.printed()
            if ended and _TAKEN in printed:
                raise _PortTaken(f"127.0.0.1:{self.port} is in use by another program; run it again")
            if ended:
                raise CouldNotMeasure(f"{self.part.title} ended at once: {_last_line(printed)}")
            # its own word first: until it has the port, who answers there may be somebody else
            if _READY in printed.lower() and self._answers_now():
                return
            time.sleep(_POLL_S)
        raise CouldNotMeasure(f"{self.part.title} was not ready after {START_LIMIT_S:.0f} s: {_last_line(printed)}")

    def _answers_now(self) -> bool:
        try:
            return self._answers()
        except OSError:
            return False

    def halt(self) -> None:
        """End the program in order; what it keeps stays for the next `start`."""
        if self._running is not None:
            self._running.halt()

    def kill(self) -> None:
        """End the program by SIGKILL, and return when all its processes are gone; what it keeps stays."""
        if self._running is None or self._running.ended():
            return
        processes = _family(self._running.pid)
        self._running.signal(signal.SIGKILL)
        psutil.wait_procs(processes, STOP_LIMIT_S)
        self._running.halt()

    def restart(self) -> None:
        """End the program in order and start it again, on its port and with what it keeps."""
        self.halt()
        self.start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop all its processes (SIGSTOP) for the block: it accepts connections and answers nothing."""
        if self._running is None:
            raise CouldNotMeasure(f"{self.part.title} does not run")
        processes = _family(self._running.pid)
        waker = subprocess.Popen(  # noqa: S603 - our own interpreter; however we end, they go on
            [sys.executable, "-P", "-c", _WAKE, *(str(process.pid) for process in processes)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        assert waker.stdin is not None
        try:
            for process in processes:
                os.kill(process.pid, signal.SIGSTOP)
            yield
        finally:
            waker.stdin.close()
            waker.wait()

    def stop(self) -> None:
        """End it and remove all that it kept; harmless when it does not run."""
        running, self._running = self._running, None
        try:
            if running is not None:
                running.stop()
        finally:
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None


def _family(pid: int) -> list[psutil.Process]:
    """A process and all that it started, itself first."""
    head = psutil.Process(pid)
    return [head, *head.children(recursive=True)]


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"
