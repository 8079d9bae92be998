"""The relay in a process of its own, so that it competes with nobody for its interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pulsegate.harness.chaos.relay import Arrivals, Harm
from pulsegate.harness.errors import CouldNotMeasure, UsageError
from pulsegate.harness.service import Service

_STOP_LIMIT_S = 5.0
_DEFAULT_PORTS = {"http": 80, "ws": 80}
#: The relay's own descriptors, and those of connections that are just being made.
_SPARE_DESCRIPTORS = 200


class RelayProcess(Service):
    """A relay to `target_url`, with its log in `log`; `url` is the target's through it, `host_header` the target's own.

    Raises UsageError for a target that speaks TLS: the relay must see events, and has no key.
    """

    def __init__(self, target_url: str, log: Path, *, seed: int = 0) -> None:
        parts = urlsplit(target_url)
        if parts.scheme not in _DEFAULT_PORTS:
            raise UsageError(
                f"{parts.scheme}://{parts.hostname}: disruptions of connections need a target without TLS; "
                "load its plain HTTP port, or leave out --disrupt"
            )
        self.url = ""
        self.host_header = parts.netloc.rpartition("@")[2]
        self._parts = parts
        self._log = log
        self._seed = seed
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._descriptors = 0

    @property
    def pid(self) -> int | None:
        """Its process id; None when it does not run."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start it, and return when it listens; CouldNotMeasure when it does not."""
        port = self._parts.port or _DEFAULT_PORTS[self._parts.scheme]
        where = [str(self._parts.hostname), str(port), str(self._seed)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", "pulsegate.harness.chaos", *where],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        try:
            said = self._read()
        except BaseException:
            self.stop()
            raise
        self._descriptors = said["descriptors"]
        login = self._parts.netloc.rpartition("@")
        self.url = urlunsplit(self._parts._replace(netloc=f"{login[0]}{login[1]}127.0.0.1:{said['port']}"))

    def stop(self) -> None:
        """End it, and every connection through it."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def check_descriptors(self, connections: int) -> None:
        """CouldNotMeasure when the relay's process may not hold so many connections."""
        if 2 * connections + _SPARE_DESCRIPTORS > self._descriptors:
            raise CouldNotMeasure(
                f"the relay needs two descriptors for each of {connections} connections and may have "
                f"{self._descriptors}; raise `ulimit -n`, or use fewer users"
            )

    def arm(self, fault: str, arguments: Mapping[str, float], share: float) -> int:
        """Arm a fault; the number is what `harm` wants."""
        return int(self._ask(ask="arm", fault=fault, arguments=dict(arguments), share=share)["number"])

    def harm(self, number: int) -> Harm:
        """What an armed fault has done so far."""
        return Harm(**self._ask(ask="harm", number=number))

    def streams(self) -> int:
        """How many event streams and WebSockets it carries now."""
        return int(self._ask(ask="streams")["streams"])

    def arrivals(self) -> Arrivals:
        """When connections were attempted and became streams, in seconds of this machine's monotonic clock."""
        return Arrivals(**self._ask(ask="arrivals"))

    def _ask(self, **question: Any) -> dict[str, Any]:
        with self._lock:
            if self._process is None or self._process.stdin is None:
                raise CouldNotMeasure("the relay does not run")
            try:
                self._process.stdin.write(json.dumps(question).encode() + b"\n")
                self._process.stdin.flush()
            except BrokenPipeError:
                raise CouldNotMeasure(self._ended()) from None
            return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise CouldNotMeasure(self._ended())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _ended(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        return f"the relay ended: {next((line for line in reversed(lines) if line.strip()), 'it said nothing')}"
