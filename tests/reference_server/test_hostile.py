"""What goes wrong outside is answered in JSON, and the server goes on."""

from __future__ import annotations

import asyncio
import json

import pytest

CHAT = "/ai/chat"


@pytest.fixture
async def exchange(server):
    """Send bytes on a connection of one's own and return everything that comes back."""

    async def send(data: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(data)
        try:
            async with asyncio.timeout(10):
                return await reader.read()
        finally:
            writer.close()

    return send


@pytest.fixture(autouse=True)
async def still_serving(http):
    """Whatever a test sent, the server is up afterwards."""
    yield
    assert (await http.get("/health")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "garbage",
    [
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40 + b"\r\n\r\n",
        b"GET /health HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000,
        b"GET /api/copilotkit/ws HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
        + b"X: y\r\n" * 200
        + b"\r\n",
        b"POST /ai/chat HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
    ],
    ids=["text", "tls", "header", "negative length", "endless header", "too many headers", "chunk size"],
)
async def test_garbage_on_the_socket_gets_a_json_400(exchange, garbage):
    """Bytes that are not HTTP are answered with a JSON error, and the connection closed."""
    head, _, body = (await exchange(garbage)).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400")
    assert b"application/json" in head.lower()
    assert json.loads(body)["detail"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_handshake_that_is_none_is_refused(exchange, method):
    """An upgrade without a key, or by another method, is answered, not accepted."""
    head = f"{method} /api/copilotkit/ws HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    answer = await exchange(head.encode())

    assert answer.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("DELETE", "/health", 405),
        ("PUT", "/api/copilotkit", 405),
        ("GET", "/ai/chat", 405),
        ("GET", "/health/", 404),
        ("BREW", "/health", 405),
        ("OPTIONS", "/ai/chat", 405),
    ],
)
async def test_wrong_path_or_method_gets_a_json_error(http, method, path, status):
    """Neither HTML nor a redirect: a JSON detail."""
    response = await http.request(method, path)

    assert response.status_code == status
    assert response.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b'{"message": 5}',
        b'{"message": ""}',
        b'{"message": " "}',
        b"{}",
        b'{"message": "\\ud800"}',
        b'{"message": "\xff"}',
        b"\xff\xfe{\x00}\x00",
        b'{"message": NaN}',
        b'{"message": "x", "n": 1e999}',
        b'{"message": "x", "n": ' + b"1" * 5000 + b"}",
        b"[" * 100_000,
        b'{"message": "x", "deep": ' + b"[" * 900 + b"]" * 900 + b"}",
    ],
)
async def test_malformed_body_gets_a_json_4xx(http, body):
    """What is no message is refused with a sentence."""
    response = await http.post(CHAT, content=body)

    assert response.status_code in (400, 422)
    assert isinstance(response.json()["detail"], str)


@pytest.mark.parametrize("message", ["\x00", "a\u2028b", "🎉" * 1000, "'; DROP TABLE messages; --", "{{7*7}}", "%s%n"])
async def test_odd_text_is_answered(http, message):
    """Strange but valid text gets an answer."""
    response = await http.post(CHAT, json={"message": message})

    assert response.status_code == 200
    assert response.json()["response"]


async def test_body_over_the_limit_gets_413(http):
    """A body that announces too much is refused before it is read."""
    response = await http.post(CHAT, content=b"x" * 262_145, headers={"Origin": "http://localhost:3000"})

    assert response.status_code == 413
    assert "262144" in response.json()["detail"]
    assert response.headers["access-control-allow-origin"] == "http://localhost:3000"


async def test_body_over_the_limit_in_chunks_gets_413(http):
    """A body that announces nothing is refused as soon as it is too large."""

    async def chunks():
        for _ in range(300):
            yield b"x" * 1024

    response = await http.post(CHAT, content=chunks())

    assert response.status_code == 413
    assert response.json()["detail"]


async def test_body_of_the_limit_is_read(http):
    """The limit itself is allowed."""
    padding = 262_144 - len(b'{"message":""}')

    response = await http.post(CHAT, content=b'{"message":"' + b"x" * padding + b'"}')

    assert response.status_code == 200


async def test_client_that_leaves_in_mid_body_does_no_harm(server):
    """Half a request is forgotten."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"POST /ai/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()

    writer.transport.abort()


async def test_garbage_after_a_request_does_not_break_the_stream(server):
    """A client that talks into its own event stream keeps it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /api/copilotkit HTTP/1.1\r\nHost: x\r\n\r\n\x00garbage\r\n\r\n")

    assert await reader.readuntil(b'"heartbeat"')
    writer.close()


async def test_nothing_hostile_left_a_traceback(server, exchange):
    """None of it was an unexpected exception."""
    await exchange(b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert "Traceback" not in server.log
