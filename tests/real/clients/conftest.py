"""Clients that nobody here wrote: each in its own environment and process, telling what happens to it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import jwt
import pytest

from pulsegate.harness.environments import make_node, make_python, python_of
from pulsegate.harness.parts import part
from pulsegate.harness.reference import ReferenceServer

PROGRAMS = Path(__file__).parent / "programs"
ENVIRONMENTS = Path(__file__).parents[3] / ".pulsegate-clients"
PATIENCE_S = 20


class Program:
    """A running client: a line of JSON out for each thing that happens to it, one in for each order."""

    def __init__(self, process: asyncio.subprocess.Process, problems: Path) -> None:
        self._process = process
        self._problems = problems

    async def tell(self, **order: Any) -> None:
        """Order it to do something."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self._process.stdin.drain()

    async def next(self) -> dict[str, Any]:
        """What happens to it next."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            line = await self._process.stdout.readline()
        assert line, f"the client ended: {self._problems.read_text()}"
        return json.loads(line)

    async def until(self, **wanted: Any) -> dict[str, Any]:
        """The next thing that has these members; what happens before is passed over."""
        while not wanted.items() <= (seen := await self.next()).items():
            pass
        return seen

    async def end(self) -> None:
        """Stop it."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


@pytest.fixture
async def run_program(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Start a client's program, with `packages` in an environment that is made where it is not there."""
    async with AsyncExitStack() as stack:

        async def start(program: str, packages: tuple[str, ...], *arguments: str) -> Program:
            file = PROGRAMS / program
            home = ENVIRONMENTS / f"tests-{file.stem}"
            if file.suffix == ".py":
                await asyncio.to_thread(make_python, home, packages)
                interpreter = python_of(home)
            else:
                await asyncio.to_thread(make_node, home, packages)
                interpreter = part("node").require()
            problems = tmp_path / f"{file.stem}.problems"
            with problems.open("ab") as errors:
                process = await asyncio.create_subprocess_exec(
                    str(interpreter), str(file), *arguments, cwd=home, limit=1 << 22,
                    stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=errors,
                )  # fmt: skip
            running = Program(process, problems)
            stack.push_async_callback(running.end)
            return running

        yield start


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., ReferenceServer]]:
    """Start a reference server with planted faults and other settings, once for each; heartbeats come every 0.3 s."""
    with ExitStack() as stack:

        @cache
        def start(*faults: str, **settings: Any) -> ReferenceServer:
            planted = {"faults": faults} if faults else {}
            server = ReferenceServer(settings={"heartbeat_s": 0.3, "word_gap_ms": 5, **planted, **settings})
            return stack.enter_context(server)

        yield start


@pytest.fixture
def token() -> Callable[..., str]:
    """Make a user's token for a server."""

    def make(server: ReferenceServer, name: str = "alice", *, lifetime_s: int = 600) -> str:
        claims = {"sub": name, "email": f"{name}@example.com", "exp": int(time.time()) + lifetime_s}
        return jwt.encode(claims, server.secret, algorithm="HS256")

    return make


class Relay:
    """Passes connections on to a server, keeps the head of each request, and can cut them all."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._open: set[asyncio.StreamWriter] = set()
        self.heads: list[str] = []

    def cut(self) -> None:
        """End every connection at once, without a word."""
        for writer in self._open:
            writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on until either side ends it."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head.decode("latin-1"))
            answers, requests = await asyncio.open_connection("127.0.0.1", self._server_port)
        except (OSError, EOFError):
            writer.close()
            return
        both = {writer, requests}
        self._open |= both
        requests.write(head)
        await asyncio.gather(_copy(reader, requests), _copy(answers, writer))
        self._open -= both


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(1 << 16):
            sink.write(data)
            await sink.drain()
    except OSError:
        pass  # cut: the other side is to notice it too
    finally:
        sink.close()


@pytest.fixture
async def relay_to() -> AsyncIterator[Callable[..., Any]]:
    """Start a relay before a server, and give the relay and its URL."""
    async with AsyncExitStack() as stack:

        async def start(server: ReferenceServer) -> tuple[Relay, str]:
            relay = Relay(server.port)
            listener = await asyncio.start_server(relay.accept, "127.0.0.1", 0)
            stack.callback(relay.cut)
            stack.callback(listener.close)
            return relay, f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"

        yield start
