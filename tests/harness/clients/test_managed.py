"""Managed clients against scripted peers: when they come back, when they stop, and what they carry over."""

from __future__ import annotations

import asyncio
import json
from random import Random

import pytest

from pulsegate.harness.clients.managed import Policy, latency_band
from pulsegate.harness.clients.managed_stream import ManagedStream
from pulsegate.harness.errors import StreamEnded, TimedOut
from pulsegate.harness.timing.idle import Idle
from pulsegate.harness.timing.reconnect import Backoff, State

QUICK = Policy(Backoff(first_s=0.01, cap_s=0.02, most_retries=4), timeout_s=5, interval_s=5)


@pytest.fixture
def managed(options, masker):
    """Makes a managed stream of a server."""

    def make(server, policy=QUICK, **settings):
        return ManagedStream(server.get(), options, masker, policy, random=Random(1), **settings)

    return make


def header(request: bytes, name: str) -> str:
    """A field of a request as it was sent; empty without it."""
    for line in request.decode().split("\r\n"):
        if line.lower().startswith(f"{name}:"):
            return line.partition(":")[2].strip()
    return ""


async def test_it_resumes_from_the_last_id(serve, managed, sse_head, chunk):
    """The next connection names the last id, and events of both come in one order."""
    bodies = [b"id: 1\ndata: a\n\nid: 2\ndata: b\n\n", b"id: 3\ndata: c\n\n"]

    async def script(peer):
        await peer.answer(sse_head, chunk(bodies.pop(0)), b"0\r\n\r\n" if bodies else b"")
        await peer.until_gone()

    server = await serve(script)
    async with managed(server) as client:
        found = [(await client.next_event(5)).event.data for _ in range(3)]

    assert found == ["a", "b", "c"]
    assert [header(request, "last-event-id") for request in server.requests] == ["", "2"]
    assert client.ledger.account().received == 3
    assert client.retries == 1


async def test_an_id_without_an_event_counts(serve, managed, sse_head, chunk):
    """A block with an id and no data sets what the next connection resumes from."""

    async def script(peer):
        await peer.answer(sse_head, chunk(b"id: 1\ndata: a\n\nid: 7\n\n"), b"0\r\n\r\n")

    server = await serve(script)
    async with managed(server) as client:
        await client.changes.until(lambda: client.connections == 2, 5)
    assert header(server.requests[1], "last-event-id") == "7"


async def test_an_id_outlives_connections_without_any(serve, managed, sse_head, chunk):
    """A connection that brings no id does not forget the one before."""
    bodies = [b"id: 5\ndata: a\n\n", b"data: b\n\n", b"data: c\n\n"]

    async def script(peer):
        await peer.answer(sse_head, chunk(bodies.pop(0)), b"0\r\n\r\n" if bodies else b"")
        await peer.until_gone()

    server = await serve(script)
    async with managed(server) as client:
        for _ in range(3):
            await client.next_event(5)
    assert [header(request, "last-event-id") for request in server.requests] == ["", "5", "5"]


async def test_204_stops_it(serve, managed):
    """An answer 204 is the end: failed, by its reason, without another attempt."""

    async def script(peer):
        await peer.answer(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = await serve(script)
    async with managed(server) as client:
        assert await client.until(State.FAILED, timeout_s=5) is State.FAILED
        with pytest.raises(StreamEnded, match="do not come back"):
            await client.next_event(5)
    assert len(server.requests) == 1


async def test_a_passing_refusal_is_waited_out(serve, managed, sse_head, chunk):
    """A 503 with Retry-After is asked again, not before the time it names."""
    answers = [
        (b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",),
        (sse_head, chunk(b"data: a\n\n")),
    ]
    asked_at = []

    async def script(peer):
        await peer.read_request()
        asked_at.append(asyncio.get_running_loop().time())
        await peer.say(*answers.pop(0))
        await peer.until_gone()

    server = await serve(script)
    async with managed(server) as client:
        assert (await client.next_event(5)).event.data == "a"
    assert asked_at[1] - asked_at[0] >= 1
    assert [change.state for change in client.history] == [
        State.CONNECTING, State.CONNECTING, State.CONNECTED, State.FAILED,
    ]  # fmt: skip
    assert client.reason == "disconnected"


async def test_the_server_sets_the_least_wait(serve, managed, sse_head, chunk):
    """A `retry` field is obeyed at the next loss."""
    asked_at = []

    async def script(peer):
        await peer.read_request()
        asked_at.append(asyncio.get_running_loop().time())
        await peer.say(sse_head, chunk(b"retry: 300\ndata: a\n\n"), b"0\r\n\r\n")

    server = await serve(script)
    async with managed(server) as client:
        await client.next_event(5)
        await client.next_event(5)
    assert asked_at[1] - asked_at[0] >= 0.3
    assert len(server.requests) == 2


async def test_it_gives_up_after_its_retries(options, masker, unused_port):
    """Where nobody answers it has failed after the most retries."""
    from pulsegate.harness.clients.request import Request

    request = Request("GET", f"http://127.0.0.1:{unused_port}/")
    async with ManagedStream(request, options, masker, QUICK) as client:
        await client.until(State.FAILED, timeout_s=5)
    assert client.retries == 4
    assert client.reason.startswith("gave up after 4 retries: ")


async def test_it_can_be_connected_anew(serve, managed, sse_head, chunk):
    """After a disconnection, or a failure, `connect` begins again with all retries."""

    async def script(peer):
        await peer.answer(sse_head, chunk(b"data: a\n\n"))
        await peer.until_gone()

    server = await serve(script)
    async with managed(server) as client:
        await client.next_event(5)
        await client.disconnect()
        assert (client.state, client.reason) == (State.FAILED, "disconnected")
        client.connect()
        client.connect()
        await client.next_event(5)
    assert len(server.requests) == 2


async def test_leaving_it_leaves_nothing_running(serve, managed, sse_head, chunk):
    """Neither a task nor a connection outlives the context, whether it is connected, waiting or connecting."""
    gone = asyncio.Event()

    async def script(peer):
        await peer.answer(sse_head, chunk(b"data: a\n\n"))
        await peer.until_gone()
        gone.set()

    server = await serve(script)
    before = asyncio.all_tasks()
    async with managed(server) as client:
        await client.next_event(5)
    await asyncio.wait_for(gone.wait(), 5)
    async with managed(server, Policy(Backoff(first_s=30, cap_s=30))) as client:
        await client.next_event(5)
        client.drop()
        await client.until(State.RECONNECTING, timeout_s=5)
    async with managed(server):
        pass
    ours = {task for task in asyncio.all_tasks() - before if "managed" in repr(task)}
    assert ours == set()


async def test_only_wanted_events_are_handed_on(serve, managed, sse_head, chunk):
    """The filter takes names and documented types; what it holds back still tells of agents."""
    named = b'event: agent_update\ndata: {"agentId": "a", "status": "running", "progress": 5}\n\n'
    typed = b'data: {"type": "execution_progress", "data": {"progress": 9}}\n\n'
    seen = []

    async def script(peer):
        await peer.answer(sse_head, chunk(named + typed))
        await peer.until_gone()

    server = await serve(script)
    client = managed(server, event_filter=["execution_progress"], on_event=lambda *event: seen.append(event))
    async with client:
        await client.next_event(5)
    assert seen == [("execution_progress", {"progress": 9})]
    assert client.agent("a").progress == 5


async def test_a_dead_connection_is_made_anew(serve, managed, sse_head, chunk):
    """Where nothing comes for three intervals, the connection is dead, though nobody closed it."""

    async def script(peer):
        await peer.answer(sse_head, chunk(b"data: a\n\n"))
        await peer.until_gone()

    server = await serve(script)
    policy = Policy(QUICK.backoff, interval_s=0.1)
    async with managed(server, policy) as client:
        await client.next_event(5)
        await client.next_event(5)
    reasons = [change.reason for change in client.history if change.state is State.RECONNECTING]
    assert reasons == ["nothing came for 0.3 s"]


async def test_a_stalled_producer_is_told_from_a_silent_server(serve, managed, sse_head, chunk):
    """Beats without data are a stall; no beats are a silence; both are in the client's health."""
    beats = asyncio.Event()

    async def script(peer):
        await peer.answer(sse_head)
        for number in range(5):
            await peer.say(chunk(b"data: %d\n\n" % number))
            await asyncio.sleep(0.02)  # the pace of the producer
        while not beats.is_set():
            await peer.say(chunk(b": beat\n\n"))
            await asyncio.sleep(0.1)  # the pace of the heart
        await peer.until_gone()

    async def until_idle(client, idle):
        async with asyncio.timeout(10):
            while client.health().idle is not idle:  # noqa: ASYNC110 - health is asked for, not told
                await asyncio.sleep(0.02)

    server = await serve(script)
    async with managed(server, Policy(QUICK.backoff, interval_s=0.5)) as client:
        await client.next_event(5)
        assert client.health().healthy
        await until_idle(client, Idle.STALLED)
        assert "the producer has stalled" in client.health().troubles[0]
        beats.set()
        await until_idle(client, Idle.SILENT)


async def test_waiting_in_vain_says_where_it_stands(serve, managed, sse_head):
    """A time limit that is over names the state."""

    async def script(peer):
        await peer.answer(sse_head)
        await peer.until_gone()

    server = await serve(script)
    async with managed(server) as client:
        await client.until(State.CONNECTED, timeout_s=5)
        with pytest.raises(TimedOut, match="it is connected"):
            await client.until(State.FAILED, timeout_s=0.01)
        with pytest.raises(TimedOut, match="no further event"):
            await client.next_event(0.01)


def test_latency_has_the_documented_bands():
    """Below 100 ms is excellent, up to 300 ms good, above it degraded."""
    assert [latency_band(one) for one in (None, 99.9, 100, 300, 300.1)] == ["", "excellent", "good", "good", "degraded"]
    assert json.dumps(State.CONNECTED) == '"connected"'
