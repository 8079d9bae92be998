from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

SSE = "/api/copilotkit"


async def test_stream_has_the_headers_of_an_event_stream(http):
    """GET answers an uncompressed, unbuffered event stream of unknown length."""
    async with http.stream("GET", SSE, headers={"Accept-Encoding": "gzip"}) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["x-accel-buffering"] == "no"
        assert "content-length" not in response.headers
        assert "content-encoding" not in response.headers


@pytest.mark.parametrize("path", [SSE, SSE + "?protocol=sse"])
async def test_head_has_the_same_headers_and_no_body(http, path):
    """HEAD answers what GET answers, without a body."""
    response = await http.head(path)

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.content == b""


async def test_anonymous_stream_says_so(http, read_events):
    """Without a token the connection event names no user, and the heartbeats agree."""
    async with http.stream("GET", SSE) as response:
        first, second = await read_events(response).take(2)

    assert first.data == {"type": "connection", "data": {"status": "connected", "authenticated": False}}
    assert first.event is None
    assert second.data["type"] == "heartbeat"
    assert second.data["data"]["authenticated"] is False


@pytest.mark.parametrize("carrier", ["header", "query"])
async def test_token_names_the_user(http, read_events, token, bearer, carrier):
    """A token in the header or the query authenticates the stream."""
    with_token = {"headers": bearer()} if carrier == "header" else {"params": {"token": token()}}
    async with http.stream("GET", SSE, **with_token) as response:
        first, second = await read_events(response).take(2)

    assert first.data["data"] == {"status": "connected", "authenticated": True, "user": "alice@example.com"}
    assert second.data["data"]["authenticated"] is True


async def test_cookie_does_not_authenticate_the_stream(http, read_events, token):
    """The cookie is a carrier of other surfaces only."""
    async with http.stream("GET", SSE, headers={"Cookie": f"auth_token={token()}"}) as response:
        (first,) = await read_events(response).take(1)

    assert first.data["data"]["authenticated"] is False


async def test_bad_token_falls_back_to_anonymous(http, read_events, token):
    """A bad token, of whatever kind, leaves the stream open and anonymous."""
    secret = "another-secret-that-is-64-bytes-long" * 2
    bad = [
        {"exp": 1},
        {"exp": None},
        {"secret": secret},
        {"algorithm": "none"},
        {"algorithm": "HS512", "secret": secret},
    ]

    async def observe(claims):
        async with http.stream("GET", SSE, params={"token": token(**claims)}) as response:
            return [event.data for event in await read_events(response).take(2)]

    for first, second in await asyncio.gather(*map(observe, bad)):
        assert first["data"]["authenticated"] is False
        assert second["type"] == "heartbeat"


@pytest.mark.parametrize("bad", ["x", "a.b.c", "\x00", "eyJ" + "W1tb" * 2500 + ".e30.x"])
async def test_unreadable_token_falls_back_to_anonymous(http, read_events, bad):
    """What is no token at all does no harm."""
    async with http.stream("GET", SSE, params={"token": bad}) as response:
        (first,) = await read_events(response).take(1)

    assert first.data["data"]["authenticated"] is False


async def test_heartbeat_timestamps_are_rfc_3339_and_grow(http, read_events):
    """Each heartbeat carries its own time, with offset."""
    async with http.stream("GET", SSE) as response:
        beats = (await read_events(response).take(4))[1:]

    times = [datetime.fromisoformat(beat.data["data"]["timestamp"]) for beat in beats]
    assert times == sorted(set(times))
    assert all(moment.tzinfo is not None for moment in times)


async def test_each_event_leaves_at_once(http, read_events):
    """No two heartbeats come in one chunk."""
    async with http.stream("GET", SSE, headers={"Accept-Encoding": "gzip"}) as response:
        reader = read_events(response)
        await reader.take(4)

    assert len(reader.chunks) == 4


async def test_simulated_error_is_reported_and_ends_the_stream(http, read_events, token):
    """A failure is an error event, then a clean end; nothing about the inside."""
    async with http.stream("GET", SSE, params={"simulate": "error", "token": token()}) as response:
        reader = read_events(response)
        _, failure = await reader.take(2)
        assert await reader.next() is None

    assert failure.data["type"] == "error"
    assert isinstance(failure.data["data"]["message"], str)
    assert token() not in b"".join(reader.chunks).decode()


async def test_closing_one_stream_leaves_the_others(http, read_events, bearer):
    """Streams of one user are independent of each other."""
    async with http.stream("GET", SSE, headers=bearer()) as kept:
        async with http.stream("GET", SSE, headers=bearer()) as dropped:
            await read_events(dropped).take(1)
        kept_events = await read_events(kept).take(3)

    assert [event.data["type"] for event in kept_events] == ["connection", "heartbeat", "heartbeat"]


async def test_server_notices_a_client_that_vanishes(server, gauge):
    """The gauge of open streams counts a stream until its client resets the connection."""
    before = await gauge("sse")
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /api/copilotkit HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b'"connection"')
    assert await gauge("sse") == before + 1

    writer.transport.abort()

    async with asyncio.timeout(5):
        while await gauge("sse") > before:
            pass


async def test_stamps_number_the_events_of_a_stream(http, read_events):
    """A client that asks for stamps gets them in every event, from 1."""
    async with http.stream("GET", SSE, headers={"X-Pulsegate-Stamp": "1"}) as response:
        events = await read_events(response).take(3)

    assert [event.data["stamp"]["seq"] for event in events] == [1, 2, 3]
    emitted = [event.data["stamp"]["emitted_ns"] for event in events]
    assert emitted == sorted(emitted)
