"""The grid: what is served, how it is judged, and our own core on all of it."""

from __future__ import annotations

import asyncio
import json

import pytest

from pulsegate.fixtures.sse import load_cases
from pulsegate.harness.errors import CouldNotMeasure
from pulsegate.harness.sse_grid.environments import Client, command, known_clients
from pulsegate.harness.sse_grid.grid import Replay, judge, replays, run_client, run_our_core
from pulsegate.harness.sse_grid.serving import GridServer


@pytest.fixture
def two() -> list[Replay]:
    """Both ways of sending one case."""
    case = next(case for case in load_cases() if case.messages)
    return replays([case])[:2]


async def fetch(server: GridServer, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def test_our_core_passes_every_case():
    """Each case, with each line end, whole and byte by byte over a real socket, is read as the standard says."""
    column = asyncio.run(run_our_core(replays()))
    assert column.failed_cases == []
    assert column.passed > 900


async def test_a_case_is_served_once(two):
    """The second request gets 204, which tells a client not to come again."""
    async with GridServer({two[0].path: two[0].body}) as server:
        first, second = await fetch(server, two[0].path), await fetch(server, two[0].path)
    assert first.startswith(b"HTTP/1.1 200")
    assert first.endswith(two[0].body + b"\r\n0\r\n\r\n")
    assert second.startswith(b"HTTP/1.1 204")


async def test_a_case_in_pieces_comes_byte_by_byte(two):
    """Sent in pieces, each chunk holds one byte."""
    pieces = next(replay for replay in two if replay.way == "pieces")
    async with GridServer({pieces.path: pieces.body}) as server:
        answer = await fetch(server, pieces.path)
    assert answer.count(b"\r\n1\r\n") == len(pieces.body)


def test_what_a_client_saw_is_compared_exactly(two):
    """A replay passes only with the very same events; a missing one fails."""
    whole, pieces = two
    column = judge("x", two, {whole.path: whole.expected})
    assert column.passed == 1
    assert column.failed == [pieces]


def test_an_environment_that_is_not_there_is_named(tmp_path):
    """A client without its environment is not run, and the reason says how to make it."""
    client = next(client for client in known_clients() if client.language == "python")
    with pytest.raises(CouldNotMeasure, match="--install"):
        command(client, tmp_path)


async def test_a_program_reads_the_streams_it_is_asked_for(tmp_path, two, monkeypatch):
    """A client's program gets the URLs and its lines become the column, line separators in data included."""
    rows = [json.dumps({"url": "http://h" + replay.path, "events": replay.expected}) for replay in two]
    program = tmp_path / "program.sh"
    program.write_text("cat >/dev/null\ncat rows\n")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "rows").write_text("\n".join(rows))
    monkeypatch.setattr("pulsegate.harness.sse_grid.grid.command", lambda *_: ["sh", str(program)])
    column = await run_client(Client("x", "python", "none", ()), tmp_path, two)
    assert (column.passed, column.reason) == (2, "")


async def test_a_program_that_breaks_is_not_measured(tmp_path, two, monkeypatch):
    """What a broken program says last becomes the reason, and nothing counts as failed."""
    (tmp_path / "x").mkdir()
    monkeypatch.setattr("pulsegate.harness.sse_grid.grid.command", lambda *_: ["sh", "-c", "echo no such module >&2"])
    column = await run_client(Client("x", "python", "none", ()), tmp_path, two)
    assert column.reason == "its program failed: no such module"
    assert column.failed == []
