"""The stamped server as its own process, and what can be asked of it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.processes import Child, python_module, running
from benchmarks.server import Stats

START_LIMIT_S = 15.0


@dataclass(frozen=True)
class Stamped:
    """A running stamped server."""

    port: int
    child: Child

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def stats(self) -> Stats:
        """What it has done so far."""
        return Stats(**json.loads(self._get("/stats")))

    def control(self, **wanted: float) -> None:
        """Set pace or delay; see ``server.State.control``."""
        self._get("/control?" + urlencode(wanted))

    def _get(self, target: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", target)
            return connection.getresponse().read()
        finally:
            connection.close()


@contextmanager
def stamped_server(folder: Path) -> Iterator[Stamped]:
    """A new server, with counts at nought."""
    log = folder / "server.log"
    with running(python_module("benchmarks.server"), log) as child:
        child.wait_until(lambda: log.read_text().endswith("\n"), START_LIMIT_S, "the server's port")
        yield Stamped(int(log.read_text().split()[0]), child)
