from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus


@pytest.fixture
def room():
    """A session of one's own."""
    return str(uuid4())


async def test_greeting_gives_each_connection_its_own_id(open_socket, room):
    """The first message is connection_established, with another connectionId each time."""
    first, second = await open_socket(sessionId=room), await open_socket(sessionId=room)

    assert first.greeting["type"] == "connection_established"
    assert set(first.greeting) == {"type", "id", "source", "payload", "timestamp"}
    assert first.id != second.id


async def test_heartbeat_is_echoed_to_its_sender_only(open_socket, room):
    """The echo has the same id and timestamp; nobody else hears of it."""
    sender, other = await open_socket(sessionId=room), await open_socket(sessionId=room)

    await sender.send("heartbeat", {"n": 1}, id="beat", timestamp=1234.5)
    echo = await sender.receive()

    assert (echo["type"], echo["id"], echo["timestamp"]) == ("heartbeat", "beat", 1234.5)
    assert await other.waiting() == []


async def test_state_updates_reach_all_others_unchanged_in_order_once(open_socket, room):
    """Sixty updates arrive at both others as they were sent, and never come back."""
    sender = await open_socket(sessionId=room, agentId="sender")
    others = [await open_socket(sessionId=room) for _ in range(2)]
    outsider = await open_socket(sessionId=room + "-2")
    payloads = [{"n": n, "none": None, "text": "naïve 日本語 🎉\u2028", "deep": [{"x": 1.5}]} for n in range(60)]

    for n, payload in enumerate(payloads):
        await sender.send("state_update", payload, id=f"u{n}", timestamp="then")

    for other in others:
        received = [await other.receive() for _ in payloads]
        assert [message["payload"] for message in received] == payloads
        assert [message["id"] for message in received] == [f"u{n}" for n in range(60)]
        assert {(message["source"], message["timestamp"]) for message in received} == {("sender", "then")}
        assert await other.waiting() == []
    assert await sender.waiting() == []
    assert await outsider.waiting() == []


@pytest.mark.parametrize("by", ["agentId", "connectionId"])
async def test_agent_message_reaches_its_target_only(open_socket, room, by):
    """A message addressed by either name arrives once, and nowhere else."""
    sender = await open_socket(sessionId=room)
    target = await open_socket(sessionId=room, agentId="target")
    bystander = await open_socket(sessionId=room, agentId="bystander")

    await sender.send("agent_message", {"hello": "ça va"}, target="target" if by == "agentId" else target.id)

    (received,) = await target.waiting() or [await target.receive()]
    assert received["payload"] == {"hello": "ça va"}
    assert received["source"] == sender.id
    assert await bystander.waiting() == []
    assert await sender.waiting() == []


async def test_unknown_target_is_reported(open_socket, room):
    """A message to nobody gets an error with field target; another session's members are nobody."""
    sender = await open_socket(sessionId=room)
    stranger = await open_socket(sessionId=room + "-2", agentId="stranger")

    for target in ("nobody", "stranger", stranger.id):
        await sender.send("agent_message", {}, target=target)
        problem = await sender.receive()
        assert problem["type"] == "error"
        assert problem["payload"]["field"] == "target"
    assert await stranger.waiting() == []


async def test_agent_status_reaches_the_others(open_socket, room):
    """A valid status is passed on."""
    sender, other = await open_socket(sessionId=room), await open_socket(sessionId=room)

    await sender.send("agent_status", {"agentId": "a", "status": "running", "progress": 99.5})

    assert (await other.receive())["payload"] == {"agentId": "a", "status": "running", "progress": 99.5}


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"status": "sleeping"}, "status"),
        ({}, "status"),
        ({"status": ["idle"]}, "status"),
        ({"status": "idle", "progress": 101}, "progress"),
        ({"status": "idle", "progress": -0.1}, "progress"),
        ({"status": "idle", "progress": "50"}, "progress"),
        ({"status": "idle", "progress": True}, "progress"),
        ("idle", "payload"),
    ],
)
async def test_wrong_agent_status_is_reported_and_not_passed_on(open_socket, room, payload, field):
    """A status or progress outside the documented values stays with its sender."""
    sender, other = await open_socket(sessionId=room), await open_socket(sessionId=room)

    await sender.send("agent_status", payload)

    assert (await sender.receive())["payload"]["field"] == field
    assert await other.waiting() == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"x"', '{"n": NaN}', '{"n": 1e999}', '{"a":"\\ud800"}', "[" * 5000, "1" * 5000],
)
async def test_malformed_message_is_reported_and_the_connection_stays(open_socket, room, text):
    """What is no JSON object gets an error with code malformed."""
    socket = await open_socket(sessionId=room)

    await socket.connection.send(text)

    problem = await socket.receive()
    assert (problem["type"], problem["payload"]["code"]) == ("error", "malformed")
    assert await socket.waiting() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "surprise"}, "type"),
        ({"type": "connection_established"}, "type"),
        ({"type": {}}, "type"),
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"timestamp": []}, "timestamp"),
        ({"target": 5}, "target"),
    ],
)
async def test_wrong_member_is_named(open_socket, room, change, field):
    """An error names the first member that is wrong, and the connection stays open."""
    socket = await open_socket(sessionId=room)

    await socket.connection.send(json.dumps({"type": "state_update", "id": "m", "payload": {}} | change))

    assert (await socket.receive())["payload"]["field"] == field
    assert await socket.waiting() == []


@pytest.mark.parametrize("missing", ["type", "id", "payload", "target"])
async def test_missing_member_is_named(open_socket, room, missing):
    """An error names the member that is missing."""
    socket = await open_socket(sessionId=room)
    message = {"type": "agent_message", "id": "m", "payload": {}, "target": "x"}
    del message[missing]

    await socket.connection.send(json.dumps(message))

    assert (await socket.receive())["payload"]["field"] == missing


async def test_binary_message_is_reported(open_socket, room):
    """Binary frames are not understood, but do no harm."""
    socket = await open_socket(sessionId=room)

    await socket.connection.send(b"\x00\x01")

    assert (await socket.receive())["type"] == "error"
    assert await socket.waiting() == []


async def test_message_over_the_frame_limit_closes_with_1009(open_socket, room):
    """One byte more than the limit is too big, as one frame and in fragments."""
    for message in ("x" * 1_048_577, ["x" * 600_000, "x" * 600_000]):
        socket = await open_socket(sessionId=room)
        await socket.connection.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.receive()
        assert closed.value.rcvd.code == 1009


async def test_message_of_the_frame_limit_is_passed_on(open_socket, room):
    """The limit itself is allowed, and reaches the others."""
    sender = await open_socket(sessionId=room)
    other = await open_socket({"max_size": None}, sessionId=room)
    frame = json.dumps({"type": "state_update", "id": "m", "payload": ""})
    payload = "x" * (1_048_576 - len(frame))

    await sender.connection.send(frame.replace('""', f'"{payload}"'))

    assert (await other.receive())["payload"] == payload


@pytest.mark.parametrize("carrier", ["header", "query", "cookie"])
async def test_token_authenticates_the_connection(open_socket, token, carrier):
    """Header, query and cookie are all accepted."""
    headers = {"header": {"Authorization": f"Bearer {token()}"}, "cookie": {"Cookie": f"auth_token={token()}"}}
    query = {"token": token()} if carrier == "query" else {}
    socket = await open_socket({"additional_headers": headers.get(carrier, {})}, **query)

    assert socket.greeting["payload"]["user"] == "alice@example.com"


async def test_missing_token_is_anonymous(open_socket):
    """Nobody needs a token to connect."""
    assert (await open_socket()).greeting["payload"]["authenticated"] is False


@pytest.mark.parametrize("claims", [{"exp": 1}, {"exp": None}, {"algorithm": "none"}, {"secret": "x" * 40}])
async def test_bad_token_is_refused_before_the_upgrade(open_socket, token, claims):
    """A bad token gets 403 and a JSON body."""
    with pytest.raises(InvalidStatus) as refused:
        await open_socket(token=token(**claims))

    assert refused.value.response.status_code == 403
    assert "token" in json.loads(refused.value.response.body)["detail"]


async def test_foreign_origin_is_refused(open_socket, server):
    """Pages from elsewhere cannot connect; listed ones and our own can."""
    for origin in ("https://evil.example", "null", "http://localhost:3000.evil.example"):
        with pytest.raises(InvalidStatus) as refused:
            await open_socket({"origin": origin})
        assert refused.value.response.status_code == 403
    for origin in ("http://localhost:3000", server.url):
        assert (await open_socket({"origin": origin})).id


async def test_ping_and_clean_close(open_socket, room):
    """A ping is answered, and so is a close with 1000."""
    socket = await open_socket(sessionId=room)

    await (await socket.connection.ping())
    await socket.connection.close(1000)

    assert socket.connection.close_code == 1000


async def test_flood_is_limited_and_others_are_not(open_socket, room):
    """A flooding sender is told so; what another sends still arrives, and what was limited does not."""
    flooder = await open_socket(sessionId=room, agentId="flooder")
    calm = await open_socket(sessionId=room, agentId="calm")
    watcher = await open_socket(sessionId=room)

    for n in range(400):
        await flooder.send("state_update", n, id=f"f{n}")
    problem = await flooder.receive()
    await calm.send("state_update", "calm", id="c")

    assert problem["payload"]["code"] == "rate_limited"
    received = [await watcher.receive()]
    while received[-1]["id"] != "c":
        received.append(await watcher.receive())
    assert 100 <= len(received) - 1 < 400


async def test_slow_reader_holds_nobody_up(launch, open_socket):
    """Others go on while one member reads nothing at all."""
    server = launch("--messages-per-s", "100000")
    slow = await open_socket({"max_queue": 1}, at=server)
    sender, quick = await open_socket(at=server), await open_socket(at=server)
    slow.connection.transport.pause_reading()

    for n in range(1200):
        await sender.send("state_update", "x" * 10_000, id=str(n))
        assert (await quick.receive())["id"] == str(n)

    slow.connection.transport.abort()


async def test_gauge_counts_sockets(open_socket, gauge):
    """An open socket is counted until it has gone."""
    before = await gauge("ws")
    socket = await open_socket()
    assert await gauge("ws") == before + 1

    socket.connection.transport.abort()

    async with asyncio.timeout(5):
        while await gauge("ws") > before:
            pass


async def test_stamps_number_what_a_connection_gets(open_socket, room):
    """A connection that asks at its handshake gets stamps; the others do not."""
    stamped, plain = await open_socket(sessionId=room, stamp="1"), await open_socket(sessionId=room)

    await plain.send("state_update", 1)
    await stamped.send("heartbeat")

    received = [stamped.greeting, await stamped.receive(), await stamped.receive()]
    assert [message["stamp"]["seq"] for message in received] == [1, 2, 3]
    assert "stamp" not in plain.greeting
