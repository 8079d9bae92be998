"""Running `pulsegate browser` as a user does, and serving a page that nobody here instruments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

OWN_PAGE = Path(__file__).with_name("own_page.html")
RUN_LIMIT_S = 280


@dataclass(frozen=True)
class Ran:
    """What one command came to."""

    code: int
    printed: str
    folder: Path

    @property
    def record(self) -> dict[str, Any]:
        """The run record."""
        return json.loads((self.folder / "run" / "record.json").read_text(encoding="utf-8"))

    def clauses(self) -> dict[str, dict[str, Any]]:
        """The clauses of the record by id."""
        return {one["id"]: one for one in self.record["clauses"]}


def start_browser(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start ``pulsegate browser ARGUMENTS`` in `folder`; the run goes to its ``run``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULSEGATE_", "PYTEST_"))}
    command = [sys.executable, "-P", "-m", "pulsegate.harness.cli.main", "browser", "--output", str(folder / "run")]
    return subprocess.Popen(
        [*command, *arguments],
        cwd=folder,
        env=kept | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def browser(tmp_path: Path) -> Callable[..., Ran]:
    """Run ``pulsegate browser ARGUMENTS`` to its end."""

    def run(*arguments: str, **environment: str) -> Ran:
        process = start_browser(tmp_path, *arguments, **environment)
        printed, _ = process.communicate(timeout=RUN_LIMIT_S)
        return Ran(process.returncode, printed, tmp_path)

    return run


@pytest.fixture
def starting(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``pulsegate browser ARGUMENTS`` and leave it running."""
    started = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        started.append(start_browser(tmp_path, *arguments))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


class _OwnServer(BaseHTTPRequestHandler):
    """Serves the page, and an event stream that greets and then waits."""

    closing: threading.Event

    def do_GET(self) -> None:
        if self.path.startswith("/api/copilotkit"):
            self._stream()
            return
        found = self.path.partition("?")[0] == "/chat"
        body = OWN_PAGE.read_bytes() if found else b"not found"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        if "protocol=sse" in self.path:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b'data: {"type":"connection","data":{"status":"connected","authenticated":false}}\n\n')
        self.wfile.flush()
        self.closing.wait(RUN_LIMIT_S)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def own_server() -> Iterator[str]:
    """The URL of a server with a page of its own at ``/chat``."""
    handler = type("Handler", (_OwnServer,), {"closing": threading.Event()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    handler.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()
