"""Random and mutated bytes for the server's JSON endpoints, event streams and WebSocket."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

SAID = {"content": [{"type": "input_text", "text": "hello"}], "attachments": [], "quoted_text": None}
BODIES: dict[str, list[object]] = {
    "/ai/chat": [{"message": "hello"}],
    "/api/v1/chat": [{"message": "Add a task to breathe", "conversation_id": None}],
    "/api/v1/chatkit": [{"messages": [{"role": "user", "content": "hello"}], "stream": True}],
    "/api/agui": [
        {"threadId": "t", "runId": "r", "messages": [{"id": "1", "role": "user", "content": "hi"}], "state": {}}
    ],
    "/api/copilotkit": [
        {"messages": [{"role": "user", "content": "hi"}]},
        {
            "action": "createEvent",
            "parameters": {"title": "t", "startDateTime": "2026-01-01", "endDateTime": "2026-01-02"},
        },
        {"action": "searchEvents", "parameters": {"query": "%_"}},
    ],
    "/api/chatkit": [
        {"type": "threads.create", "params": {"input": SAID}},
        {"type": "threads.list", "params": {"limit": 2, "order": "asc", "after": "thr_" + "0" * 32}},
        {
            "type": "items.feedback",
            "params": {"thread_id": "thr_" + "0" * 32, "item_ids": ["msg_x"], "kind": "positive"},
        },
    ],
}
#: What stands in the place of a value, or among the bytes.
ODDITIES: list[object] = [
    None,
    True,
    -1,
    0,
    10**400,
    1e308,
    "",
    " ",
    "\x00",
    "\u202e",
    "é" * 300,
    [],
    {},
    [[[[]]]],
    "🎉",
    {"": {}},
]
NOISE = [
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"NaN",
    b"1e999",
    b"[" * 500,
    b'"',
    b"}",
    b"\r\n\r\n",
    b"9" * 5000,
    b"{}",
]
KINDS = ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]


def changed(value: object, chance: random.Random) -> object:
    """A JSON value with something odd somewhere in it."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        name = chance.choice(list(value))
        kept = {key: member for key, member in value.items() if key != name}
        return kept if chance.random() < 0.2 else {**kept, name: changed(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], changed(value[place], chance), *value[place:]]
    return chance.choice(ODDITIES)


def mutated(value: object, chance: random.Random) -> bytes:
    """The bytes of `value`, changed as a value, as bytes, or both."""
    data = json.dumps(changed(value, chance) if chance.random() < 0.7 else value).encode()
    for _ in range(chance.randrange(3)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data = data[:place] + chance.choice(NOISE) + data[place:]
            case 1:
                data = data[:place] + data[place + chance.randrange(20) :]
            case 2:
                data = data[:place] + chance.randbytes(chance.randrange(1, 9)) + data[place:]
            case _:
                data = data[:place] + data
    return data


async def every(count: int, work: Callable, memory: Callable[[], float]) -> float:
    """Do `work` for each number below `count`; by how many MB memory grew after the first fifth."""
    first = max(count // 5, 1)
    for number in range(first):
        await work(number)
    before = memory()
    for number in range(first, count):
        await work(number)
    return memory() - before


#: What the caches of a server may still take up after 2,000 inputs (requests by id, compiled statements), in MB.
GROWTH_MB = 30


async def test_mutated_bodies_are_answered_with_4xx_or_done(streaming, bearer, inputs, memory_of, unharmed):
    """Every answer is below 500 and JSON or a stream; nothing of the inside shows; memory stays flat."""
    chance = random.Random(3)
    headers = bearer(streaming, "fuzzer")
    async with httpx.AsyncClient(base_url=streaming.url, trust_env=False, verify=False, timeout=20) as client:

        async def send(_: int) -> None:
            path = chance.choice(list(BODIES))
            body = mutated(chance.choice(BODIES[path]), chance)
            kind = {"Content-Type": chance.choice(KINDS)}
            answer = await client.post(path, headers={**headers, **kind}, content=body)
            assert answer.status_code < 500, (path, body)
            assert answer.headers["content-type"].startswith(("application/json", "text/event-stream")), (path, body)
            assert "Traceback" not in answer.text

        grown = await every(inputs(400), send, lambda: memory_of(streaming))
        assert (await client.get("/health")).json() == {"status": "ok"}
    assert grown < GROWTH_MB
    unharmed(streaming)


async def test_odd_queries_and_headers_of_streams_are_answered(streaming, inputs, memory_of, unharmed):
    """Whatever a stream is asked with, its answer begins as a stream or is a refusal in JSON."""
    chance = random.Random(4)
    texts = ["", "sse", "error", "1", "x" * 300, "\x01", "é", "%00", "-1", "9" * 30, "null", "a b", "<script>"]
    names = ["protocol", "accountId", "sessionId", "simulate", "token", "stamp", "rate", "count", "kind"]

    async with httpx.AsyncClient(base_url=streaming.url, trust_env=False, verify=False, timeout=20) as client:

        async def ask(_: int) -> None:
            query = {name: chance.choice(texts) for name in chance.sample(names, chance.randrange(5))}
            last = {"Last-Event-ID": chance.choice(texts).encode()} if chance.random() < 0.5 else {}
            path = chance.choice(["/api/copilotkit", "/api/copilotkit", "/page/load"])
            async with client.stream("GET", path, params=query, headers=last) as answer:
                kind = answer.headers["content-type"]
                if answer.status_code == 200:
                    assert kind.startswith("text/event-stream")
                    async for piece in answer.aiter_raw():
                        assert piece
                        break
                else:
                    assert answer.status_code in (400, 422), query
                    assert json.loads(await answer.aread())["detail"]

        grown = await every(inputs(150), ask, lambda: memory_of(streaming))
    assert grown < GROWTH_MB
    unharmed(streaming)


ENVELOPE = {"type": "state_update", "id": "m", "payload": {"a": [1]}, "timestamp": 1, "target": "x"}


async def test_mutated_messages_are_answered_or_passed_on(streaming, inputs, memory_of, unharmed):
    """A socket takes whatever is said, tells what is wrong with it, and still echoes a heartbeat afterwards."""
    chance = random.Random(5)
    url = f"ws{streaming.url.removeprefix('http')}/api/copilotkit/ws?sessionId=fuzz"
    types = ["state_update", "agent_message", "agent_status", "heartbeat", "hello", None]
    socket: ClientConnection = await connect(url, proxy=None, max_queue=None)

    async def say(number: int) -> None:
        data = mutated({**ENVELOPE, "type": chance.choice(types)}, chance)
        text = data.decode("utf-8", "replace") if chance.random() < 0.8 else data
        await socket.send(text)
        if number % 20 == 19:
            await echoed(socket, f"marker-{number}")

    grown = await every(inputs(600), say, lambda: memory_of(streaming))
    await echoed(socket, "marker-last")
    await socket.close()
    assert socket.close_code == 1000
    assert grown < GROWTH_MB
    unharmed(streaming)


async def echoed(socket: ClientConnection, name: str) -> None:
    """Wait for the echo of a heartbeat sent now; every message until then is one that was made well."""
    await socket.send(json.dumps({"type": "heartbeat", "id": name, "payload": None}))
    async with asyncio.timeout(20):
        while True:
            message = json.loads(await socket.recv())
            assert {"type", "id", "payload", "source", "timestamp"} <= set(message)
            if message["id"] == name:
                return


#: What a server may close with for bytes that are no WebSocket frames; 1011 would be an error of its own.
PROTOCOL_CODES = {1002, 1007, 1009}


async def test_bytes_that_are_no_frames_close_the_socket_for_a_reason(streaming, inputs, unharmed):
    """Raw bytes behind the handshake end the connection with the code of what is wrong, or wait for the rest."""
    chance = random.Random(6)
    url = f"ws{streaming.url.removeprefix('http')}/api/copilotkit/ws?sessionId=raw"
    for _ in range(max(inputs(60) // 10, 10)):
        async with connect(url, proxy=None, ping_interval=None, close_timeout=1) as socket:
            await socket.recv()
            first = chance.choice([0x80 | chance.randrange(16), chance.randrange(256), 0xF1])
            socket.transport.write(
                bytes([first, 0x80 | chance.randrange(6)]) + chance.randbytes(chance.randrange(4, 40))
            )
            try:
                async with asyncio.timeout(0.3):
                    await socket.recv()
            except TimeoutError:
                continue  # it still waits for the rest of a frame
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else None
                assert code is None or code in PROTOCOL_CODES or first & 0x0F == 8
    unharmed(streaming)


@pytest.mark.parametrize("size", [1, 7, 4096])
async def test_request_in_tiny_pieces_is_a_request(streaming, size):
    """How the bytes are cut changes nothing."""
    body = b'{"message": "hello"}'
    request = b"POST /ai/chat HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    reader, writer = await asyncio.open_connection("127.0.0.1", streaming.port)
    for place in range(0, len(request), size):
        writer.write(request[place : place + size])
        await writer.drain()
        await asyncio.sleep(0)

    assert (await reader.read()).startswith(b"HTTP/1.1 200")
    writer.close()
