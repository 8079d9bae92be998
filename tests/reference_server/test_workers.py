from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed

from pulsegate.harness.parts.redis import RedisPart
from pulsegate.reference_server.settings import Settings
from pulsegate.reference_server.workers import read_settings_line, write_settings

TWO = ("--workers", "2")


@pytest.fixture(scope="module")
def redis():
    """A Redis that the servers of this file share."""
    with RedisPart() as part:
        yield part


@pytest.fixture
def two_workers(launch, redis):
    """Start a server of two workers with further flags."""
    return lambda *flags: launch(*TWO, "--redis", redis.url, *flags)


def workers_of(server):
    """The processes of its workers."""
    return psutil.Process(server.process.pid).children()


async def on_each_worker(open_socket, server, **query):
    """Sockets of one session on different workers: the log names the worker of each."""
    sockets = []
    async with asyncio.timeout(30):
        while True:
            sockets.append(await open_socket(at=server, **query))
            held = {psutil_owner(server, socket) for socket in sockets}
            if len(held) == 2:
                first = psutil_owner(server, sockets[0])
                return sockets[0], next(one for one in sockets if psutil_owner(server, one) != first)


def psutil_owner(server, socket):
    """The process that holds the server's end of a socket."""
    ours = socket.connection.transport.get_extra_info("sockname")[1]
    for worker in workers_of(server):
        if any(link.raddr and link.raddr.port == ours for link in worker.net_connections("tcp")):
            return worker.pid
    return None


def test_settings_reach_a_worker_as_they_are():
    """Nothing is lost on the way, and the secret is among it."""
    settings = Settings(cors_origins=("http://a", "http://b"), jwt_secret="s", redis_url="redis://x", workers=3)

    assert read_settings_line(write_settings(settings)) == settings


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--workers", "2"], "--workers 2 needs --redis"),
        (["--workers", "2", "--redis", "redis://127.0.0.1:1/0"], "--redis: Redis cannot be used"),
        (["--redis", "http://127.0.0.1"], "redis://127.0.0.1:6379/0"),
        (["--redis", "redis://127.0.0.1:1/0", "--fault", "kit-404"], "cannot be used with --redis"),
    ],
)
def test_workers_that_could_share_nothing_are_refused(flags, words):
    """One sentence says why, and the exit code is that of wrong use."""
    command = [sys.executable, "-m", "pulsegate.reference_server", "--port", "0", *flags]
    result = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)

    assert result.returncode == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.needs("redis")
def test_a_worker_that_cannot_start_ends_the_whole(redis, tmp_path):
    """What is wrong with every worker is said, not tried for ever."""
    flags = [*TWO, "--redis", redis.url, "--audit-log", str(tmp_path)]
    command = [sys.executable, "-m", "pulsegate.reference_server", "--port", "0", *flags]
    result = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)

    assert result.returncode == 2
    assert "--audit-log" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.needs("redis")
async def test_messages_cross_workers(two_workers, open_socket):
    """Members of a session hear each other wherever they are, and their names are found."""
    server = two_workers()
    one, two = await on_each_worker(open_socket, server, sessionId="s")
    await one.send("state_update", {"n": 1})
    await one.send("agent_message", {"n": 2}, target=two.id)
    await one.send("agent_message", {"n": 3}, target="nobody")

    assert [(await two.receive())["payload"] for _ in range(2)] == [{"n": 1}, {"n": 2}]
    assert (await one.receive())["payload"]["code"] == "unknown_target"


@pytest.mark.needs("redis")
async def test_metrics_are_those_of_the_whole_server(two_workers, open_socket):
    """Gauges and memory are sums, and what a dead worker held open is not among them."""
    server = two_workers()
    one, two = await on_each_worker(open_socket, server, sessionId="s")

    def read(page, name):
        return float(next(line for line in page.splitlines() if line.startswith(name)).rpartition(" ")[2])

    async def page():
        async with httpx.AsyncClient(trust_env=False, verify=False) as http:
            return (await http.get(server.url + "/metrics")).text

    sockets, before = read(await page(), 'open_streams{surface="ws"}'), await page()
    assert sockets >= 2
    assert read(before, "workers") == 2
    assert read(before, "process_resident_memory_bytes") > sum(one.memory_info().rss for one in workers_of(server)) / 2
    os.kill(psutil_owner(server, two), signal.SIGKILL)
    async with asyncio.timeout(30):
        while read(now := await page(), 'open_streams{surface="ws"}') >= sockets or read(now, "workers") != 2:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.1)
    await one.send("heartbeat", id="still")
    assert (await one.receive())["id"] == "still"


@pytest.mark.needs("redis")
async def test_a_signal_ends_every_worker_cleanly(two_workers, open_socket):
    """Sockets of all workers are closed with 1012, and the exit code is 0."""
    server = two_workers()
    sockets = await on_each_worker(open_socket, server, sessionId="s")
    workers = workers_of(server)
    server.process.send_signal(signal.SIGTERM)
    for socket in sockets:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.receive()
        assert closed.value.rcvd.code == 1012

    assert await asyncio.to_thread(server.process.wait, 20) == 0
    assert not any(worker.is_running() for worker in workers)
    assert "Traceback" not in server.log
    assert "Fatal" not in server.log


@pytest.mark.needs("redis")
async def test_workers_do_not_outlive_a_supervisor_that_is_killed(two_workers):
    """However it ends, its workers end."""
    server = two_workers()
    workers = workers_of(server)
    server.process.kill()
    _, alive = await asyncio.to_thread(psutil.wait_procs, workers, 20)

    assert len(workers) == 2
    assert alive == []


@pytest.mark.needs("redis")
async def test_log_lines_name_their_worker(two_workers):
    """Who answered what can be seen."""
    server = two_workers()
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:
        await http.get(server.url + "/health")
    pids = {worker.pid for worker in workers_of(server)}
    lines = [json.loads(line) for line in server.log.splitlines()]

    assert {line["worker"] for line in lines if line["event"] == "redis connected"} == pids
