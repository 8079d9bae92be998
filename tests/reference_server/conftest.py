"""A real server in a process of its own, and what talks to it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from websockets.asyncio.client import ClientConnection, connect

SECRET = "a-secret-of-the-tests-only-32-bytes-long"
QUICK = ("--heartbeat", "0.3", "--word-gap-ms", "5")


@dataclass
class RunningServer:
    """One server process."""

    process: subprocess.Popen[str]
    url: str
    log_file: Path

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    @property
    def log(self) -> str:
        """Everything it has written to stderr so far."""
        return self.log_file.read_text()

    def stop(self, sig: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            return self.process.wait(10)
        finally:
            self.process.kill()
            self.process.stdout.close()


def start(log_file: Path, *flags: str, secret: str | None = SECRET) -> RunningServer:
    """Start a server on a free port and wait until it listens."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PULSEGATE_")}
    if secret is not None:
        environ["PULSEGATE_JWT_SECRET"] = secret
    command = [sys.executable, "-m", "pulsegate.reference_server", "--port", "0", *QUICK, *flags]
    with log_file.open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environ, text=True)
    line = process.stdout.readline()
    assert line.startswith("listening on "), log_file.read_text()
    return RunningServer(process, line.removeprefix("listening on ").strip(), log_file)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The server that most tests share: heartbeats every 0.3 s, words every 5 ms."""
    running = start(tmp_path_factory.mktemp("server") / "log")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def start_server() -> Callable[..., RunningServer]:
    """The function that starts a server, for fixtures of a wider scope; they stop it."""
    return start


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., RunningServer]]:
    """Start a server of one's own with further flags."""
    servers: list[RunningServer] = []

    def launch_with(*flags: str, **options: Any) -> RunningServer:
        servers.append(start(tmp_path / f"log-{len(servers)}", *flags, **options))
        return servers[-1]

    yield launch_with
    for running in servers:
        running.stop()


@pytest.fixture
async def http(server: RunningServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the shared server."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, verify=False, timeout=10) as client:
        yield client


@pytest.fixture
def token() -> Callable[..., str]:
    """Make a token: for a user's name, with claims replaced (None removes one)."""

    def make(name: str = "alice", *, secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
        payload = {"sub": name, "email": f"{name}@example.com", "exp": int(time.time()) + 600, **claims}
        payload = {claim: value for claim, value in payload.items() if value is not None}
        return jwt.encode(payload, secret if algorithm != "none" else None, algorithm=algorithm)

    return make


@pytest.fixture
def bearer(token: Callable[..., str]) -> Callable[..., dict[str, str]]:
    """The headers that say who is calling."""
    return lambda name="alice": {"Authorization": f"Bearer {token(name)}"}


@dataclass
class Block:
    """One block of an event stream; a comment block has only `comment`."""

    fields: dict[str, str] = field(default_factory=dict)
    comment: str | None = None

    @property
    def event(self) -> str | None:
        """The event's name, None for an unnamed one."""
        return self.fields.get("event")

    @property
    def id(self) -> int:
        """The event's id as a number."""
        return int(self.fields["id"])

    @property
    def data(self) -> Any:
        """The event's data as JSON."""
        return json.loads(self.fields["data"])


class EventReader:
    """Reads an open stream block by block (LF only, one ``data`` line: what this server sends)."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.chunks: list[bytes] = []
        self._bytes = response.aiter_raw()
        self._buffer = b""

    async def next(self) -> Block | None:
        """The next block, None at the end."""
        while b"\n\n" not in self._buffer:
            chunk = await anext(self._bytes, None)
            if chunk is None:
                return None
            self.chunks.append(chunk)
            self._buffer += chunk
        text, _, self._buffer = self._buffer.partition(b"\n\n")
        if text.startswith(b":"):
            return Block(comment=text[1:].decode().strip())
        return Block(dict(line.split(": ", 1) for line in text.decode().split("\n")))

    async def take(self, count: int) -> list[Block]:
        """The next `count` blocks that have data."""
        blocks: list[Block] = []
        while len(blocks) < count:
            block = await self.next()
            assert block is not None, f"the stream ended after {len(blocks)} events"
            if "data" in block.fields:
                blocks.append(block)
        return blocks

    async def until(self, wanted: Callable[[Block], bool]) -> list[Block]:
        """The blocks with data up to the first that is `wanted`."""
        blocks = await self.take(1)
        while not wanted(blocks[-1]):
            blocks += await self.take(1)
        return blocks


@pytest.fixture
def read_events() -> type[EventReader]:
    """Wrap the response of ``http.stream``."""
    return EventReader


@pytest.fixture
async def gauge(http: httpx.AsyncClient) -> Callable[[str], Any]:
    """Read the open-streams gauge of a surface."""

    async def read(surface: str) -> float:
        page = (await http.get("/metrics")).text
        line = next(line for line in page.splitlines() if line.startswith(f'open_streams{{surface="{surface}"}}'))
        return float(line.rpartition(" ")[2])

    return read


class Socket:
    """A WebSocket client that speaks the envelope."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.greeting: dict[str, Any] = {}

    @property
    def id(self) -> str:
        """The connection id that the server gave it."""
        return self.greeting["payload"]["connectionId"]

    async def send(self, type_: str, payload: Any = None, **members: Any) -> None:
        """Send one message."""
        message = {"type": type_, "id": "m1", "payload": payload, "timestamp": 1, **members}
        await self.connection.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(10):
            return json.loads(await self.connection.recv())

    async def waiting(self) -> list[dict[str, Any]]:
        """What has arrived before the answer to a heartbeat sent now."""
        await self.send("heartbeat", id="marker")
        messages = []
        while (message := await self.receive())["id"] != "marker":
            messages.append(message)
        return messages


@pytest.fixture
async def open_socket(server: RunningServer) -> AsyncIterator[Callable[..., Any]]:
    """Open a WebSocket: query parameters by name, other options of `connect` in `options`."""
    connections: list[ClientConnection] = []

    async def opened(options: dict[str, Any] | None = None, at: RunningServer = server, **query: str) -> Socket:
        url = httpx.URL(f"ws://127.0.0.1:{at.port}/api/copilotkit/ws", params=query)
        connection = await connect(str(url), proxy=None, **{"max_queue": None, **(options or {})})
        connections.append(connection)
        socket = Socket(connection)
        socket.greeting = await socket.receive()
        return socket

    yield opened
    for connection in connections:
        await connection.close()
