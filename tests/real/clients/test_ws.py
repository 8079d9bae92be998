"""The npm package ws talks to the reference server."""

from __future__ import annotations

import asyncio
import json

import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(300), pytest.mark.needs("node")]

PACKAGES = ("ws@8.23.0",)
PATH = "/api/copilotkit/ws"


@pytest.fixture
def connect(run_program):
    """Open a WebSocket to a server, with a query and headers; give it with its greeting."""

    async def start(server, query: str = "", headers: dict[str, str] | None = None):
        url = f"{server.url.replace('http', 'ws', 1)}{PATH}?{query}"
        return await run_program("with_ws.mjs", PACKAGES, url, json.dumps(headers or {}))

    return start


async def greeted(socket) -> dict:
    """The payload of the first message."""
    assert (await socket.next())["happened"] == "open"
    greeting = await socket.next()
    assert greeting["type"] == "connection_established"
    return greeting["payload"]


async def hears_its_heartbeat(socket) -> None:
    await greeted(socket)
    sent = {"type": "heartbeat", "id": "beat-1", "payload": {"n": 1}, "timestamp": 1700000000123}
    await socket.tell(send=sent)
    heard = await socket.next()
    assert (heard["type"], heard["id"], heard["timestamp"]) == ("heartbeat", "beat-1", 1700000000123)


async def test_a_heartbeat_comes_back_as_it_was(connect, serve):
    """The echo has the id and the time of what the client sent."""
    await hears_its_heartbeat(await connect(serve()))


async def test_the_client_notices_a_heartbeat_with_another_id(connect, serve):
    """A server that gives echoes its own ids is found by the same client."""
    socket = await connect(serve("ws-heartbeat-own-id"))
    with pytest.raises(AssertionError):
        await hears_its_heartbeat(socket)


async def test_a_ping_is_ponged_and_a_close_is_answered(connect, serve):
    """The protocol's own ping comes back with its data, and a clean close has the code 1000."""
    socket = await connect(serve())
    await greeted(socket)
    await socket.tell(ping="are you there")
    assert await socket.next() == {"happened": "pong", "data": "are you there"}
    await socket.tell(close=1000)
    assert (await socket.next())["code"] == 1000


@pytest.mark.parametrize("carrier", ["query", "header", "cookie"])
async def test_the_user_is_known_by_each_carrier(connect, serve, token, carrier):
    """A token in the query, the Authorization header or the cookie says who connects."""
    server = serve()
    signed = token(server)
    headers = {"header": {"Authorization": f"Bearer {signed}"}, "cookie": {"Cookie": f"auth_token={signed}"}}
    socket = await connect(server, f"token={signed}" if carrier == "query" else "", headers.get(carrier))
    assert (await greeted(socket))["user"] == "alice@example.com"


async def test_a_bad_token_is_refused(connect, serve, token):
    """An expired token does not open the socket, not even as an anonymous one."""
    server = serve()
    socket = await connect(server, f"token={token(server, lifetime_s=-60)}")
    assert await socket.next() == {"happened": "refused", "status": 403}


async def test_a_room_hears_what_one_says_and_no_other_does(connect, serve):
    """What one sends reaches the others of its session in order, payload unchanged; neither itself nor another room."""
    server = serve()
    alice, bob, other = [await connect(server, f"sessionId={room}") for room in ("one", "one", "two")]
    for socket in (alice, bob, other):
        await greeted(socket)
    payload = {"text": "Grüße → 日本 🎉", "nothing": None, "deep": [{"n": 1.5}]}
    for number in range(20):
        await alice.tell(send={"type": "state_update", "id": f"m{number}", "payload": payload, "timestamp": number})
    heard = [await bob.next() for _ in range(20)]
    assert [message["id"] for message in heard] == [f"m{number}" for number in range(20)]
    assert all(message["payload"] == payload for message in heard)
    for silent in (alice, other):
        await silent.tell(send={"type": "heartbeat", "id": "only-this", "payload": {}, "timestamp": 0})
        assert (await silent.next())["id"] == "only-this"


async def test_malformed_text_gets_an_error_and_the_socket_stays_open(connect, serve):
    """Text that is no JSON is answered with a code, and the next message is served."""
    socket = await connect(serve())
    await greeted(socket)
    await socket.tell(raw="{nonsense")
    assert (await socket.next())["payload"]["code"] == "malformed"
    await socket.tell(ping="still")
    assert (await socket.next())["happened"] == "pong"


async def test_a_frame_over_the_limit_closes_with_its_code(connect, serve):
    """A message larger than the server takes ends the connection with 1009."""
    socket = await connect(serve(frame_bytes=1024))
    await greeted(socket)
    await socket.tell(raw="x" * 4096)
    assert (await socket.until(happened="close"))["code"] == 1009


async def test_a_server_that_stops_says_so(connect, serve):
    """At the server's shutdown the client gets 1001 or 1012, not a broken connection."""
    server = serve()
    socket = await connect(server)
    await greeted(socket)
    restarted = asyncio.create_task(asyncio.to_thread(server.restart))
    assert (await socket.until(happened="close"))["code"] in (1001, 1012)
    await restarted
    await greeted(await connect(server))
