"""The WebSocket surface: welcomes, rooms, addressing and refusals."""

from __future__ import annotations

import asyncio
import uuid
from functools import partial

from pulsegate.harness.contract import Check, clause
from pulsegate.scenarios.contract.json_values import shown
from pulsegate.scenarios.contract.ws_handshakes import (
    describe_refusal,
    errors_in_time,
    expect_welcome,
    upgrade_cause,
)
from pulsegate.scenarios.contract.ws_letters import (
    agent_messages,
    expect_as_before,
    expect_delivered,
    expect_echoes,
    expect_error,
    expect_everything_wrong_refused,
    expect_nothing_of,
    expect_true_sources,
    expect_unreadable_refused,
    notes,
    send_heartbeats,
    state_updates,
    status_runs,
    who_reaches_whom,
)
from pulsegate.scenarios.contract.ws_payloads import (
    UNREADABLE_PROGRESS,
    WRONG_PROGRESS,
    WRONG_STATUSES,
    new_id,
    status_text,
)
from pulsegate.scenarios.contract.ws_peers import Peer, cast, lobby, paced, provoke
from pulsegate.scenarios.contract.ws_tools import Mark


@clause("WS-1")
async def test_upgrades_and_welcomes(check: Check) -> None:
    """The upgrade is answered with 101, and the first message is a whole connection_established."""
    async with check.websocket(expect_open=False) as socket:
        if socket.refused is not None and (cause := upgrade_cause(socket.status, socket.headers, socket.refused.body)):
            check.cause(cause)
        check.expect(socket.refused is None, "status 101 Switching Protocols", describe_refusal(socket))
        await expect_welcome(check, socket)


@clause("WS-1")
async def test_every_connection_has_its_own_id(check: Check) -> None:
    """connectionId differs for every connection: of one user, of one agent, at once and after another."""
    query = {"sessionId": new_id(), "agentId": f"agent-{new_id()}"}
    owners: dict[str, str] = {}
    for name, who in (await cast(check)).items():
        for number in range(2):
            async with (
                check.websocket(who=who, query=query) as one,
                check.websocket(who=who, query=query) as two,
                check.websocket(who=who) as elsewhere,
            ):
                for index, socket in enumerate((one, two, elsewhere)):
                    connection = str(await expect_welcome(check, socket))
                    owner = f"{name}'s connection {3 * number + index + 1}"
                    before = owners.setdefault(connection, owner)
                    check.expect(
                        before == owner, "a new connectionId each time", f"{connection} for {before} and {owner}"
                    )


@clause("WS-2")
async def test_heartbeats_come_back_to_their_sender(check: Check) -> None:
    """Each heartbeat is echoed once, to its sender alone, with its id and its timestamp."""
    room = new_id()
    async with lobby(check) as rooms:
        peers = [await rooms.join(name, room, who) for name, who in (await cast(check)).items()]
        sent = await send_heartbeats(peers, 24)
        for peer in peers:
            expect_echoes(check, peer, sent)
        for peer in peers:
            await peer.fence()
            expect_echoes(check, peer, sent)


@clause("WS-3")
async def test_updates_reach_every_other_client_of_the_session(check: Check) -> None:
    """240 updates of three senders reach the others of their session, unchanged, once, in order, and nobody else."""
    users = await cast(check)
    async with lobby(check) as rooms:
        room, other_room, common = new_id(), new_id(), new_id()
        inside = [await rooms.join(name, room, who) for name, who in users.items()]
        outside = [await rooms.join(f"{name}_outside", other_room, users[name]) for name in ("bob", "alice")]
        nowhere = [
            await rooms.join(f"{name}_nowhere", common, users[name], common=True) for name in ("alice", "nobody")
        ]
        await expect_delivered(check, state_updates(inside, "first", 80, unmarked=True))
        await expect_delivered(check, state_updates(outside, "first", 12))
        await expect_delivered(check, state_updates(nowhere, "first", 12))
        await expect_nothing_of(check, room, [*outside, *nowhere])
        await expect_nothing_of(check, other_room, [*inside, *nowhere])
        await expect_nothing_of(check, common, [*inside, *outside])


@clause("WS-3")
async def test_updates_after_some_left_and_others_joined(check: Check) -> None:
    """Newcomers get and send updates like the others, and nobody misses any when a client leaves or vanishes."""
    users = await cast(check)
    async with lobby(check) as rooms:
        room = new_id()
        alice, bob, nobody = [await rooms.join(name, room, who) for name, who in users.items()]
        await expect_delivered(check, state_updates([alice, bob, nobody], "before", 6))
        await bob.socket.close()
        newcomer = await rooms.join("newcomer", room, users["bob"])
        nobody.socket.abort()
        for label in ("second_newcomer", "third_newcomer"):
            latest = await rooms.join(label, room, users["alice"])
            await expect_delivered(check, state_updates([alice, newcomer, latest], f"with_{label}", 24))
            await latest.socket.close()


@clause("WS-4")
async def test_agent_messages_reach_their_target_alone(check: Check) -> None:
    """Every client reaches every other by connectionId and by agentId, once, in order, and nobody overhears it."""
    users = await cast(check)
    async with lobby(check) as rooms:
        room, other_room = new_id(), new_id()
        inside = [await rooms.join(name, room, who) for name, who in users.items()]
        inside.append(await rooms.join("alice_again", room, users["alice"]))
        outside = [  # called like two inside: a name belongs to its session
            await rooms.join(f"{name}_outside", other_room, users[name], agent=namesake.agent)
            for name, namesake in zip(("alice", "bob"), inside, strict=False)
        ]
        for peers in (inside, outside):
            conversation = agent_messages(peers, 20)
            await expect_delivered(check, conversation)
            expect_true_sources(check, conversation)
        await expect_nothing_of(check, room, outside)
        await expect_nothing_of(check, other_room, inside)


@clause("WS-4")
async def test_unknown_targets_are_refused(check: Check) -> None:
    """A message to nobody gets an error that names the target, and reaches nobody."""
    async with lobby(check) as rooms:
        room = new_id()
        peers = [await rooms.join(name, room, who) for name, who in (await cast(check)).items()]
        for sender in peers:
            one, two = (peer for peer in peers if peer is not sender)
            before = {peer: peer.position for peer in (one, two)}
            for target in (f"nobody-{new_id()}", str(uuid.uuid4()), one.agent[:-1], f"{two.agent}0"):
                payload = {"mark": f"pulsegate:{room}:{sender.label}_to_nobody:0"}
                errors = await provoke(sender, partial(sender.send, "agent_message", payload, target=target))
                expect_error(check, errors, f"a message of {sender.label} to {target}", field="target")
            await expect_nothing_of(check, room, peers)
            for peer, position in before.items():
                errors = peer.messages("error", since=position)
                check.expect(not errors, f"the error for {sender.label} alone", f"{peer.label} got {shown(errors)}")


@clause("WS-4")
async def test_a_client_that_left_is_no_target(check: Check) -> None:
    """The connectionId of a client that has left becomes an unknown target."""
    users = await cast(check)
    async with lobby(check) as rooms:
        room = new_id()
        alice, bob = [await rooms.join(name, room, users[name]) for name in ("alice", "bob")]
        await bob.socket.close()
        errors = await errors_in_time(alice, bob.connection)
        expect_error(check, errors, "a message to a client that has left", field="target")


@clause("WS-5")
async def test_statuses_reach_the_others(check: Check) -> None:
    """Every legal status and progress reaches the others, once and in order, and not its sender."""
    async with lobby(check) as rooms:
        room = new_id()
        peers = [await rooms.join(name, room, who) for name, who in (await cast(check)).items()]
        await expect_delivered(check, status_runs(peers, 5))


@clause("WS-5")
async def test_illegal_statuses_are_refused(check: Check) -> None:
    """A status outside the five, or a progress outside 0 to 100, gets an error and reaches nobody."""
    wrong = [(status, "10") for status in WRONG_STATUSES] + [('"running"', progress) for progress in WRONG_PROGRESS]
    async with lobby(check) as rooms:
        room = new_id()
        peers = [await rooms.join(name, room, who) for name, who in (await cast(check)).items()]

        async def refuse(peer: Peer, status: str, progress: str) -> None:
            text = status_text(peer.names, peer.agent, Mark(room, "wrong", 0), status, progress)
            errors = await provoke(peer, partial(peer.socket.send_text, text))
            expect_error(check, errors, f"status {status} with progress {progress} of {peer.label}")

        refusals = [[partial(refuse, peer, *pair) for pair in wrong] for peer in peers]
        await asyncio.gather(*(paced(check, own, messages_each=2) for own in refusals))
        for name, who in (await cast(check)).items():
            strangers = {text: await rooms.join(f"{name}_stranger", room, who) for text in UNREADABLE_PROGRESS}
            await expect_unreadable_refused(check, strangers)
        await expect_nothing_of(check, room, peers)
        await expect_delivered(check, status_runs(peers, 1))
        await expect_nothing_of(check, room, peers, sender="wrong")


@clause("WS-6")
async def test_wrong_messages_are_refused_and_the_connection_stays(check: Check) -> None:
    """Malformed JSON, unknown types and missing fields get the right error, and the client goes on as before."""
    async with lobby(check) as rooms:
        room = new_id()
        peers = [await rooms.join(name, room, who) for name, who in (await cast(check)).items()]
        before = await who_reaches_whom(notes(peers, "before", 3))
        await asyncio.gather(*(expect_everything_wrong_refused(check, peer) for peer in peers))
        await expect_as_before(check, peers, before, "afterwards")
