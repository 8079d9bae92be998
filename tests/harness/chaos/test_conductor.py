"""A schedule carried out, and what is told of it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from pulsegate.harness.chaos.conductor import Conductor, Course
from pulsegate.harness.chaos.deeds import Commands, Hands
from pulsegate.harness.chaos.relay_process import RelayProcess
from pulsegate.harness.chaos.schedule import read_disruption
from pulsegate.harness.figures.caused import Window
from pulsegate.harness.record import Moment

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"
Begin = Callable[..., Conductor]


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RelayProcess]:
    """A relay to a server of event streams."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(STREAM)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, RelayProcess(url, tmp_path / "relay.log") as found:
        yield found


@pytest.fixture
def begin(relay: RelayProcess) -> Begin:
    """Begins to carry out disruptions of a load that began `ago_s` seconds ago."""

    def begun(*texts: str, ago_s: float, commands: Commands | None = None) -> Conductor:
        stopping = threading.Event()
        zero = time.monotonic() - ago_s
        conductor = Conductor(
            [read_disruption(one) for one in texts], relay, Hands(None, None, commands or Commands(), stopping),
            lambda: zero, stopping=stopping, connections=2,
        )  # fmt: skip
        conductor.start()
        return conductor

    return begun


async def stream(relay: RelayProcess) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """One event stream through the relay."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(relay.url.rpartition(":")[2]))
    writer.write(b"GET / HTTP/1.1\r\nHost: target\r\nAccept: text/event-stream\r\n\r\n")
    await reader.readexactly(len(STREAM))
    return reader, writer


async def finished(conductor: Conductor) -> Course:
    """What became of it."""
    return await asyncio.to_thread(conductor.finish)


async def test_cut_is_done_in_time_and_its_storm_told(relay: RelayProcess, begin: Begin) -> None:
    """Both streams end at the planned moment; that one comes back is seen by the relay."""
    ends = [await stream(relay) for _ in range(2)]
    conductor = begin("cut@10s", ago_s=9.9)
    for reader, writer in ends:
        assert await reader.read() == b""
        writer.close()
    _, writer = await stream(relay)
    assert await asyncio.to_thread(relay.streams) == 1

    course = await finished(conductor)

    writer.close()
    [done] = course.disruptions
    assert (done.text, done.planned_s, done.live, done.harmed) == ("cut@10s", 10.0, 2, 2)
    assert done.what == "2 of 2 streams were cut"
    assert done.begun_s is not None
    assert done.begun_s >= 10.0
    [storm] = course.storms(course.disruptions)
    assert (storm.dropped, storm.attempts, storm.server) == (2, 1, "did not survive")
    assert storm.half_back_s is not None
    assert course.problems == []
    [window] = course.windows
    assert window == Window(done.begun_s, done.done_s or 0.0, {"interrupted": 2, "requests_failed": 2})
    [told] = course.told([Moment(at_s=9), Moment(at_s=10, interrupted=3)])
    assert told.caused == {"interrupted": 2}


async def test_restart_of_one_of_several_servers_drops_what_was_interrupted(relay: RelayProcess, begin: Begin) -> None:
    """The storm is that of the clients who lost a stream, however many streams there were."""
    ends = [await stream(relay) for _ in range(3)]
    conductor = begin("restart@3s", ago_s=3.0, commands=Commands(restart="true"))
    assert await asyncio.to_thread(conductor.await_first, 10.0)
    course = await finished(conductor)
    for _, writer in ends:
        writer.close()

    told = course.told([Moment(at_s=3, interrupted=2)])

    assert told[0].live == 3
    assert [storm.dropped for storm in course.storms(told)] == [2]
    assert course.storms(course.told([Moment(at_s=3)])) == []


async def test_command_of_the_user_is_run(begin: Begin, tmp_path: Path) -> None:
    """A restart of a target that runs elsewhere is what the user says it is."""
    conductor = begin("restart@3s", ago_s=3.0, commands=Commands(restart=f"touch {tmp_path / 'restarted'}"))
    assert await asyncio.to_thread(conductor.await_first, 10.0)

    course = await finished(conductor)

    [done] = course.disruptions
    [window] = course.windows
    assert window is not None
    assert window.most == {"interrupted": None, "requests_failed": None}
    assert (tmp_path / "restarted").exists()
    assert done.what == f"'touch {tmp_path / 'restarted'}' was run"
    assert done.done_s is not None
    assert done.problem == ""


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sh -c 'echo no such unit >&2; exit 5'", "ended with 5: no such unit"),
        ("/no/such/program", "cannot be run"),
        ("sh -c 'unclosed", "cannot be run: No closing quotation"),
    ],
)
async def test_command_that_fails_is_a_problem_of_the_run(begin: Begin, command: str, said: str) -> None:
    """A disruption that did not happen must not look like one that was survived."""
    conductor = begin("restart@3s", "cut@60s", ago_s=3.0, commands=Commands(restart=command))
    assert await asyncio.to_thread(conductor.await_first, 10.0)

    course = await finished(conductor)

    [problem] = course.problems
    assert problem.startswith("the disruption restart@3s could not be done: --restart-cmd ")
    assert said in problem


async def test_what_the_load_did_not_reach_is_told(begin: Begin) -> None:
    """A load that ends early, or never began, leaves disruptions undone, and says so at once."""
    course = await finished(begin("cut@60s", ago_s=3.0))

    [done] = course.disruptions
    assert course.windows == [None]
    assert (done.begun_s, done.what) == (None, "the load ended before it")
