from __future__ import annotations

import asyncio
import signal

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

STREAMS = ["/api/copilotkit", "/api/copilotkit?protocol=sse", "/api/copilotkit?protocol=sse&sessionId=x"]


async def exit_code(server):
    return await asyncio.to_thread(server.process.wait, 5)


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
async def test_signal_ends_streams_and_sockets_cleanly(launch, open_socket, sig):
    """Streams get their last chunk, sockets 1012; exit code 0, no traceback, and stdout held the address only."""
    server = launch()
    socket = await open_socket(at=server)
    connections = [await asyncio.open_connection("127.0.0.1", server.port) for _ in STREAMS]
    for path, (reader, writer) in zip(STREAMS, connections, strict=True):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await reader.readuntil(b"data: ")

    server.process.send_signal(sig)

    async with asyncio.timeout(3):
        for reader, writer in connections:
            assert (await reader.read()).endswith(b"\r\n0\r\n\r\n")
            writer.close()
        with pytest.raises(ConnectionClosed) as closed:
            await socket.receive()
        assert await exit_code(server) == 0
    assert closed.value.rcvd.code == 1012
    assert server.process.stdout.read() == ""
    assert "Traceback" not in server.log


async def test_signal_does_not_wait_for_a_client_that_reads_nothing(launch, open_socket):
    """A stalled reader cannot hold the exit up."""
    server = launch("--messages-per-s", "100000")
    stalled, sender = await open_socket(at=server), await open_socket(at=server)
    stalled.connection.transport.pause_reading()
    for n in range(900):
        await sender.send("state_update", "x" * 10_000, id=str(n))
    await sender.waiting()

    server.process.send_signal(signal.SIGTERM)

    assert await exit_code(server) == 0
    assert "Traceback" not in server.log
    stalled.connection.transport.abort()


async def test_second_signal_exits_at_once(launch):
    """Whoever insists is not kept waiting for the grace period."""
    server = launch()
    server.process.send_signal(signal.SIGINT)
    server.process.send_signal(signal.SIGINT)

    assert await exit_code(server) in (0, 130)


async def test_clients_that_vanish_leave_no_traceback(launch, open_socket):
    """Resets in the middle of streams and messages are no news."""
    server = launch()
    for path in STREAMS:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await reader.readuntil(b"data: ")
        writer.transport.abort()
    gone, sender = await open_socket(at=server), await open_socket(at=server)
    gone.connection.transport.abort()
    for n in range(20):
        await sender.send("state_update", n)
    await sender.waiting()
    sender.connection.transport.abort()

    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        assert (await client.get(server.url + "/health")).status_code == 200
    assert server.stop() == 0
    assert "Traceback" not in server.log
