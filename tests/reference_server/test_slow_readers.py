from __future__ import annotations

import asyncio
import json
import socket

import pytest

#: A stream of more than a megabyte in two seconds; `agents` tells those of the tests apart.
LOAD = "/page/load?rate=5000&count=10000&agents="
SMALL = 4096
STALL_S = 0.5


@pytest.fixture(scope="module")
def impatient(start_server, tmp_path_factory):
    """A server that drops whoever reads nothing for half a second."""
    log = tmp_path_factory.mktemp("impatient") / "log"
    server = start_server(log, "--stall-limit", str(STALL_S), "--messages-per-s", "100000")
    yield server
    server.stop()


async def opened(server, path: str) -> socket.socket:
    """A stream of which the client takes little before it reads."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    client.connect(("127.0.0.1", server.port))
    client.setblocking(False)
    await asyncio.get_running_loop().sock_sendall(client, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return client


async def metric(server, name: str) -> float:
    """A figure of the metrics page, read as any client reads."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    page = (await reader.read()).decode()
    writer.close()
    return float(next(line for line in page.splitlines() if line.startswith(name)).rpartition(" ")[2])


async def drop_of(server, path: str) -> dict:
    """The log's entry about the slow reader of `path`, once there is one."""
    async with asyncio.timeout(40):
        while True:
            for line in server.log.splitlines():
                entry = json.loads(line)
                if entry["event"] == "slow reader dropped" and entry["path"] == path:
                    return entry
            await asyncio.sleep(0.02)


async def test_stream_that_is_not_read_is_dropped_and_others_go_on(impatient):
    """The log says who and why, the metrics count it, and a stream that is read misses nothing."""
    dropped = await metric(impatient, "slow_readers_dropped_total")
    stuck = await opened(impatient, LOAD + "1")
    reader, writer = await asyncio.open_connection("127.0.0.1", impatient.port)
    writer.write(b"GET /api/copilotkit HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b'"connection"')

    entry = await drop_of(impatient, LOAD + "1")

    assert entry["reason"] == f"nothing was read for {STALL_S:g} s"
    assert entry["unread_bytes"] < 1_000_000
    assert await metric(impatient, "slow_readers_dropped_total") == dropped + 1
    assert await metric(impatient, 'open_streams{surface="page"}') == 0
    assert await metric(impatient, 'open_streams{surface="sse"}') == 1
    async with asyncio.timeout(10):
        await reader.readuntil(b'"heartbeat"')
    writer.close()
    stuck.close()


async def test_what_waits_for_a_client_that_does_not_read_is_bounded(impatient):
    """Of megabytes that it could be sent, the kernel holds a fraction when the connection is dropped."""
    stuck = await opened(impatient, LOAD + "2")
    await drop_of(impatient, LOAD + "2")

    received = 0
    try:
        while chunk := await asyncio.get_running_loop().sock_recv(stuck, 65536):
            received += len(chunk)
    except ConnectionResetError:
        pass
    stuck.close()

    assert received < 200_000


async def test_slow_but_steady_reader_is_kept(impatient):
    """A client that reads a little again and again is not dropped, however far behind it is."""
    loop = asyncio.get_running_loop()
    slow = await opened(impatient, LOAD + "3")
    received, until = b"", loop.time() + 6 * STALL_S
    while loop.time() < until:
        received += await loop.sock_recv(slow, 65536)
        await asyncio.sleep(STALL_S / 10)

    assert b"HTTP/1.1 200" in received
    assert await metric(impatient, 'open_streams{surface="page"}') == 1
    slow.close()


async def test_socket_that_is_not_read_is_dropped(impatient, open_socket):
    """The same holds for WebSockets; the others of the session go on."""
    stuck = await open_socket({"max_queue": 1}, at=impatient, sessionId="stalled")
    sender = await open_socket(at=impatient, sessionId="stalled")
    quick = await open_socket(at=impatient, sessionId="stalled")
    stuck.connection.transport.pause_reading()

    drop = asyncio.create_task(drop_of(impatient, "/api/copilotkit/ws?sessionId=stalled"))
    while not drop.done():
        await sender.send("state_update", "x" * 100_000)
        assert (await quick.receive())["payload"]
    assert (await drop)["unread_bytes"]
    stuck.connection.transport.abort()
