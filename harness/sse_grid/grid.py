"""Serving the cases to each client, and judging what it saw."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pulsegate.fixtures.sse import Case, load_cases
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.clients.stream import open_stream
from pulsegate.harness.errors import CouldNotMeasure, PeerError
from pulsegate.harness.sse_grid.environments import Client, command
from pulsegate.harness.sse_grid.serving import GridServer
from pulsegate.harness.timing.sse import Message

OUR_CORE = "pulsegate"
LIMIT_S = 600.0
AT_ONCE = 16
CHROMIUM_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

Seen = list[list[str]]


@dataclass(frozen=True)
class Replay:
    """One case, with one line end, sent in one way."""

    case: Case
    line_end: str
    way: str
    body: bytes

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"/{self.case_name}/{self.line_end.replace(' ', '-')}/{self.way}"

    @property
    def case_name(self) -> str:
        """Theme and name of its case."""
        return f"{self.case.theme}/{self.case.name}"

    @property
    def expected(self) -> Seen:
        """What an application must see: type, data and last event id of each message."""
        return [[event.type, str(event.value), event.last_event_id] for event in self.case.messages]


@dataclass
class Column:
    """What one client made of the replays."""

    client: str
    passed: int = 0
    failed: list[Replay] = field(default_factory=list)
    reason: str = ""

    @property
    def failed_cases(self) -> list[str]:
        """The cases of which at least one replay failed."""
        return sorted({replay.case_name for replay in self.failed})

    def line_ends_failed(self, case_name: str) -> list[str]:
        """With which line ends that case failed."""
        return list(dict.fromkeys(one.line_end for one in self.failed if one.case_name == case_name))


def replays(cases: Iterable[Case] | None = None) -> list[Replay]:
    """Every case with every line end, whole and byte by byte."""
    return [
        Replay(case, line_end, way, body)
        for case in (load_cases() if cases is None else cases)
        for line_end, body in case.bodies().items()
        for way in ("whole", "pieces")
    ]


async def run_our_core(wanted: list[Replay]) -> Column:
    """The column of Pulsegate's own client."""
    few = asyncio.Semaphore(AT_ONCE)
    async with GridServer({replay.path: replay.body for replay in wanted}) as server:
        seen = await asyncio.gather(*(_read(server.url + replay.path, few) for replay in wanted))
    return judge(OUR_CORE, wanted, {replay.path: what for replay, what in zip(wanted, seen, strict=True)})


async def _read(url: str, few: asyncio.Semaphore) -> Seen | str:
    request = Request("GET", url, (("Accept", "text/event-stream"),), None)
    try:
        async with few, await open_stream(request, ConnectOptions(), Masker(), timeout_s=10) as stream:
            await stream.read_all(10)
            events = [timed.event for timed in stream.events]
    except PeerError as problem:
        return str(problem)
    return [[one.type, one.data, one.last_event_id] for one in events if isinstance(one, Message)]


async def run_client(client: Client, folder: Path, wanted: list[Replay]) -> Column:
    """The column of `client`; its `reason` says why when it could not be run."""
    try:
        line = command(client, folder)
        page = client.path.read_bytes() if client.language == "browser" else b""
        async with GridServer({replay.path: replay.body for replay in wanted}, page) as server:
            server.asked = [
                {"url": server.url + replay.path, "types": sorted({"message", *(row[0] for row in replay.expected)})}
                for replay in wanted
            ]
            run = _run_browser if client.language == "browser" else _run_program
            printed = await run(line, folder / client.name, server)
        rows = [json.loads(text) for text in printed.split("\n") if text]  # not splitlines(): U+2028 is data here
    except (CouldNotMeasure, OSError, TimeoutError, ValueError) as problem:
        return Column(client.name, reason=str(problem) or f"no answer within {LIMIT_S:g} s")
    seen = {urlsplit(row["url"]).path: row.get("events", row.get("error")) for row in rows}
    return judge(client.name, wanted, seen)


async def _run_program(line: list[str], folder: Path, server: GridServer) -> str:
    process = await asyncio.create_subprocess_exec(
        *line, cwd=folder, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            printed, problems = await process.communicate(json.dumps(server.asked).encode())
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    if not printed:
        last = (problems.decode(errors="replace").strip() or "it printed nothing").splitlines()[-1]
        raise CouldNotMeasure(f"its program failed: {last}")
    return printed.decode()


async def _run_browser(line: list[str], folder: Path, server: GridServer) -> str:
    with tempfile.TemporaryDirectory(prefix="pulsegate-chromium-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            *line, *CHROMIUM_FLAGS, f"--user-data-dir={profile}", f"{server.url}/",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            return await asyncio.wait_for(server.seen, LIMIT_S)
        finally:
            process.terminate()
            await process.wait()


def judge(client: str, wanted: list[Replay], seen: dict[str, Any]) -> Column:
    """Compare what was seen, by path, with what should have been."""
    column = Column(client)
    for replay in wanted:
        if seen.get(replay.path) == replay.expected:
            column.passed += 1
        else:
            column.failed.append(replay)
    return column
