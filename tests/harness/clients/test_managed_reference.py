"""Managed clients against the reference server: through restarts, and where it loses or repeats what was said."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from pulsegate.harness.clients.managed import Policy
from pulsegate.harness.clients.managed_socket import ManagedSocket
from pulsegate.harness.clients.managed_stream import ManagedStream, described
from pulsegate.harness.clients.request import Request
from pulsegate.harness.reference import ReferenceServer
from pulsegate.harness.timing.reconnect import Backoff, State

POLICY = Policy(Backoff(first_s=0.05, cap_s=0.2, most_retries=None), timeout_s=5, interval_s=1)
RUN = "/api/copilotkit?protocol=sse&accountId=a&sessionId=s"


@pytest.fixture
def reference():
    """Makes a running reference server."""
    servers = []

    def make(**settings):
        server = ReferenceServer(settings={"heartbeat_s": 1, "word_gap_ms": 60} | settings)
        servers.append(server)
        server.start()
        return server

    yield make
    for server in servers:
        server.stop()


@pytest.fixture
def stream(options, masker):
    """Makes a managed stream of the run of one session."""
    return lambda server: ManagedStream(Request("GET", server.url + RUN), options, masker, POLICY, random=Random(1))


@pytest.fixture
def socket(options, masker):
    """Makes a managed WebSocket into one room."""

    def make(server, agent):
        url = f"{server.url}/api/copilotkit/ws?sessionId=room&agentId={agent}"
        return ManagedSocket(Request("GET", url), options, masker, POLICY, random=Random(1))

    return make


async def to_the_end(client, *, drop_after=(), restart=None):
    """Read the run to its end, dropping the connection, or restarting the server, after so many events."""
    number = 0
    async with asyncio.timeout(30):
        while True:
            name, data = described((await client.next_event(20)).event)
            if name == "connection_established":
                continue
            number += 1
            if number in drop_after:
                await client.until(State.CONNECTED, timeout_s=10)
                client.drop()
            if restart is not None and number == 14:
                await asyncio.to_thread(restart)
            if name == "execution_progress" and data["progress"] == 100:
                return


async def test_a_resumed_run_is_whole(reference, stream):
    """Two lost connections lose and repeat nothing where the server resumes."""
    async with stream(reference()) as client:
        await to_the_end(client, drop_after=(3, 8))
        account = client.ledger.account()
    assert (account.lost, account.repeated, account.reordered, account.unknown) == ([], [], [], "")
    assert client.connections == 3
    assert account.received == account_length(client)


def account_length(client) -> int:
    """How many events a run of this account has, by its last id."""
    return int(client.last_event_id) // 1000


async def test_a_run_outlives_a_restart(reference, stream):
    """A server that takes runs up again after a restart loses and repeats nothing either."""
    server = reference(variations=("rt-survives-restarts",))
    async with stream(server) as client:
        await to_the_end(client, restart=server.restart)
        account = client.ledger.account()
    assert (account.lost, account.repeated, account.reordered, account.unknown) == ([], [], [], "")
    assert client.connections >= 2
    assert account.received == account_length(client)


async def test_a_run_that_a_restart_forgot_is_told(reference, stream):
    """A server that forgets its runs says everything again, and each repetition is listed."""
    server = reference()
    async with stream(server) as client:
        await to_the_end(client, restart=server.restart)
        account = client.ledger.account()
    assert account.lost == []
    assert account.repeated[:3] == [1000, 2000, 3000]
    assert account.unknown == "the numbering began anew after a reconnection"


@pytest.mark.parametrize(
    ("fault", "kind", "events"),
    [("rt-resume-loses-one-in-message", "lost", 1), ("rt-resume-repeats-one", "repeated", 1)],
)
async def test_what_a_faulty_server_loses_or_repeats_is_listed(reference, stream, fault, kind, events):
    """Exactly the event at the cut is listed: the one after it is lost, or the one before it comes again."""
    async with stream(reference(faults=(fault,))) as client:
        for _ in range(13):  # the greeting, then the 12 events up to the fifth word
            await client.next_event(10)
        client.drop()
        await client.until(State.RECONNECTING, timeout_s=5)
        cut_at = int(client.last_event_id)
        await to_the_end(client)
        account = client.ledger.account()
    wanted = {"lost": [], "repeated": []} | {kind: [cut_at + 1000 if kind == "lost" else cut_at]}
    assert {"lost": account.lost, "repeated": account.repeated} == wanted
    assert len(wanted[kind]) == events


async def test_what_is_said_offline_arrives_in_order_and_once(reference, socket):
    """Through a restart, what was said meanwhile is sent after it, in order, each message once (clause WS-12)."""
    server = reference()
    async with socket(server, "listener") as listener, socket(server, "speaker") as speaker:
        await listener.until(State.CONNECTED, timeout_s=10)
        await speaker.until(State.CONNECTED, timeout_s=10)
        await asyncio.to_thread(server.stop)
        await speaker.until(State.RECONNECTING, timeout_s=10)
        sent_now = [await speaker.send_state_update({"number": number}) for number in range(30)]
        await speaker.disconnect()  # so that the listener is there first
        await listener.disconnect()
        await asyncio.to_thread(server.start)
        listener.connect()
        await listener.until(State.CONNECTED, timeout_s=10)
        while (await listener.next_message(10))["payload"].get("agentId") != "listener":
            pass  # the greeting of the connection before
        speaker.connect()
        received = []
        async with asyncio.timeout(10):
            while len(received) < 30:
                message = await listener.next_message(10)
                if message["type"] == "state_update":
                    received.append(message["payload"]["number"])
    assert sent_now == [False] * 30
    assert received == list(range(30))
    assert (speaker.sent, speaker.uncertain, speaker.queue.dropped) == (30, 0, 0)


async def test_heartbeats_measure_the_latency(reference, socket):
    """The first heartbeat is sent at once, and its echo gives the latency and a healthy client."""
    async with socket(reference(), "a") as client:
        await client.changes.until(lambda: client.latency_ms is not None, 10)
        assert client.health().healthy
        assert client.health().band == "excellent"


async def test_a_burst_of_updates_is_one_message(reference, socket):
    """Updates within 100 ms reach the others as one; ten make one at once."""
    server = reference()
    async with socket(server, "listener") as listener, socket(server, "speaker") as speaker:
        await listener.until(State.CONNECTED, timeout_s=10)
        await speaker.until(State.CONNECTED, timeout_s=10)
        await listener.next_message(10)  # its own greeting
        for number in range(3):
            await speaker.update_state({"counter": number, f"part{number}": True})
        first = await listener.next_message(10)
        for number in range(10):
            await speaker.update_state({"counter": number})
        second = await listener.next_message(10)
    assert first["payload"] == {"counter": 2, "part0": True, "part1": True, "part2": True}
    assert second["payload"] == {"counter": 9}


async def test_what_one_agent_says_of_itself_is_known_to_others(reference, socket):
    """A status that is sent is the listener's knowledge of that agent."""
    server = reference()
    async with socket(server, "listener") as listener, socket(server, "speaker") as speaker:
        await listener.until(State.CONNECTED, timeout_s=10)
        await speaker.until(State.CONNECTED, timeout_s=10)
        await listener.next_message(10)
        await speaker.send_agent_status({"agentId": "speaker", "status": "running", "progress": 40})
        await speaker.send_agent_message("speaker", "listener", "data_ready", {"rows": 3})
        await listener.next_message(10)
        direct = await listener.next_message(10)
    assert listener.agent("speaker").progress == 40
    assert direct["payload"] == {"type": "data_ready", "payload": {"rows": 3}}


async def test_a_refused_identity_is_final(reference, options, masker):
    """A bad token is refused for good: the client fails without another attempt."""
    server = reference()
    request = Request("GET", f"{server.url}/api/copilotkit/ws", (("Authorization", "Bearer no-token"),))
    async with ManagedSocket(request, options, masker, POLICY) as client:
        await client.until(State.FAILED, timeout_s=10)
    assert client.retries == 0
    assert "403" in client.reason
