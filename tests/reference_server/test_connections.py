from __future__ import annotations

import asyncio

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from pulsegate.reference_server.connections import Connections, is_limited

ALICE, BOB = ("user", "alice"), ("user", "bob")


async def test_places_are_counted_by_caller():
    """A caller gets so many places and no more; another caller has places of their own."""
    places = Connections(2)

    assert [await places.admit(ALICE) for _ in range(3)] == [True, True, False]
    assert await places.admit(BOB)


async def test_place_given_back_can_be_taken_again():
    """A refusal takes no place, and leaving frees one."""
    places = Connections(1)
    await places.admit(ALICE)
    await places.admit(ALICE)

    await places.leave(ALICE)

    assert await places.admit(ALICE)


async def test_caller_without_connections_is_forgotten():
    """Memory does not grow with the callers that have been here."""
    places = Connections(1)
    for number in range(100):
        await places.admit(("user", str(number)))
        await places.leave(("user", str(number)))

    assert not places._held


@pytest.mark.parametrize(
    ("kind", "method", "path", "limited"),
    [
        ("http", "GET", "/api/copilotkit", True),
        ("http", "POST", "/ai/chat", True),
        ("http", "POST", "/api/chatkit", True),
        ("http", "GET", "/page/load", True),
        ("websocket", "GET", "/api/copilotkit/ws", True),
        ("http", "HEAD", "/api/copilotkit", False),
        ("http", "OPTIONS", "/api/copilotkit", False),
        ("http", "GET", "/api/chatkit/health", False),
        ("http", "GET", "/health", False),
        ("http", "GET", "/metrics", False),
        ("http", "GET", "/", False),
        ("lifespan", "GET", "/api/copilotkit", False),
    ],
)
def test_surfaces_take_places(kind, method, path, limited):
    """What can be held open counts; what tells about the server always answers."""
    assert is_limited({"type": kind, "method": method, "path": path}) is limited


@pytest.fixture(scope="module")
def narrow(start_server, tmp_path_factory):
    """A server where each caller may hold two connections."""
    server = start_server(tmp_path_factory.mktemp("narrow") / "log", "--connections-per-user", "2")
    yield server
    server.stop()


@pytest.fixture
async def client(narrow):
    """A client of that server."""
    async with httpx.AsyncClient(base_url=narrow.url, trust_env=False, verify=False, timeout=10) as client:
        yield client


async def test_third_connection_gets_429_with_retry_after(narrow, client, open_socket, token, bearer):
    """A stream and a socket of one user are two; more are refused by either kind, and other users are not."""
    alice = {"token": token("alice")}
    async with client.stream("GET", "/api/copilotkit", params=alice) as first:
        socket = await open_socket(at=narrow, **alice)
        refused = await client.post("/ai/chat", headers=bearer("alice"), json={"message": "hi"})
        with pytest.raises(InvalidStatus) as upgrade:
            await open_socket(at=narrow, **alice)
        other = await client.post("/ai/chat", headers=bearer("bob"), json={"message": "hi"})

        assert first.status_code == 200
        assert refused.status_code == upgrade.value.response.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert int(upgrade.value.response.headers["retry-after"]) > 0
        assert refused.json()["detail"]
        assert other.status_code == 200
        await socket.connection.close()


async def test_anonymous_callers_of_one_address_share_their_places(client, bearer):
    """Without a user the address counts, and users at that address are not charged for it."""
    async with client.stream("GET", "/api/copilotkit"), client.stream("GET", "/api/copilotkit?protocol=sse"):
        anonymous = await client.get("/api/copilotkit")
        alice = await client.post("/ai/chat", headers=bearer("alice"), json={"message": "hi"})

    assert anonymous.status_code == 429
    assert alice.status_code == 200


async def test_closed_stream_gives_its_place_back(client):
    """Who leaves can come again."""
    for _ in range(5):
        async with asyncio.timeout(10):
            while True:  # the server may notice the one before a moment late
                async with client.stream("GET", "/api/copilotkit") as stream:
                    if stream.status_code == 200:
                        break
