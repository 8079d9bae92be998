"""The relay as a process: what it answers, and that it never outlives whoever started it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from pulsegate.harness.chaos.relay import Harm
from pulsegate.harness.chaos.relay_process import RelayProcess
from pulsegate.harness.errors import CouldNotMeasure, UsageError

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
RETRY = b"c\r\nretry: 250\n\n\r\n"
STARTER = """
import sys
from pathlib import Path
from pulsegate.harness.chaos.relay_process import RelayProcess
relay = RelayProcess("http://127.0.0.1:1", Path(sys.argv[1]))
relay.start()
print(relay.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
async def target() -> AsyncIterator[str]:
    """The URL of a server whose every answer is an event stream that goes on."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + RETRY)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_relay_is_told_and_tells(target: str, tmp_path: Path) -> None:
    """It carries a stream, harms it when asked to, and knows attempts, answers and the wait that was asked for."""
    async with RelayProcess(target, tmp_path / "relay.log") as relay:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(relay.url.rpartition(":")[2]))
        writer.write(b"GET / HTTP/1.1\r\nHost: target\r\nAccept: text/event-stream\r\n\r\n")
        await reader.readexactly(len(HEAD + RETRY))
        assert await asyncio.to_thread(relay.streams) == 1

        number = await asyncio.to_thread(relay.arm, "cut", {}, 1.0)

        assert await reader.read() == b""
        writer.close()
        harm = await asyncio.to_thread(relay.harm, number)
        assert harm == Harm(live=1, chosen=1, done=1, last_s=harm.last_s)
        assert harm.last_s is not None
        arrivals = await asyncio.to_thread(relay.arrivals)
        assert (len(arrivals.attempts), len(arrivals.answers), arrivals.asked_s) == (1, 1, 0.25)
    assert relay.pid is None


async def test_relay_that_died_is_told(target: str, tmp_path: Path) -> None:
    """A question to a relay that was killed is a sentence, not an answer."""
    async with RelayProcess(target, tmp_path / "relay.log") as relay:
        assert relay.pid is not None
        os.kill(relay.pid, signal.SIGKILL)

        with pytest.raises(CouldNotMeasure, match="the relay ended"):
            await asyncio.to_thread(relay.streams)


def test_killed_parent_takes_the_relay_along(tmp_path: Path) -> None:
    """However whoever started it ends, the relay ends too."""
    starter = subprocess.Popen(
        [sys.executable, "-P", "-c", STARTER, str(tmp_path / "relay.log")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with starter:
        assert starter.stdout is not None
        relay = psutil.Process(int(starter.stdout.readline()))
        starter.kill()
        starter.wait()

        psutil.wait_procs([relay], timeout=20)

    assert not relay.is_running() or relay.status() == psutil.STATUS_ZOMBIE


def test_tls_is_refused(tmp_path: Path) -> None:
    """A relay that has to see events cannot stand before a target that speaks TLS."""
    with pytest.raises(UsageError, match="need a target without TLS"):
        RelayProcess("https://example.test", tmp_path / "relay.log")


async def test_login_and_path_of_the_url_are_kept(target: str, tmp_path: Path) -> None:
    """Only the host and the port change; the target's own name goes into the Host field."""
    async with RelayProcess(target.replace("//", "//me:secret@"), tmp_path / "relay.log") as relay:
        assert relay.url.startswith("http://me:secret@127.0.0.1:")
        assert relay.host_header == target.removeprefix("http://")


async def test_too_many_connections_are_refused_before_they_fail(target: str, tmp_path: Path) -> None:
    """Two descriptors each: what the process may not have is said beforehand."""
    async with RelayProcess(target, tmp_path / "relay.log") as relay:
        relay.check_descriptors(100)
        with pytest.raises(CouldNotMeasure, match="the relay needs two descriptors for each of 1000000000 connections"):
            relay.check_descriptors(1_000_000_000)
