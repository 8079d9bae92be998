"""Conversations in a room: the marked messages that clients send each other, and the account of what arrived."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pulsegate.harness.contract import Check
from pulsegate.harness.errors import StreamEnded
from pulsegate.scenarios.contract.json_values import difference, shown
from pulsegate.scenarios.contract.ws_payloads import (
    GOOD_RUN,
    MALFORMED,
    NO_OBJECT,
    STRANGE_TEXT,
    TIMESTAMPS,
    faulty_messages,
    shaped,
    status_text,
    very_long,
)
from pulsegate.scenarios.contract.ws_peers import Letter, Peer, converse, left, paced, provoke
from pulsegate.scenarios.contract.ws_tools import Mark, Message, account, envelope_fault, error_fault, mark_in


@dataclass(frozen=True, slots=True)
class Lane:
    """What one client sends to the same readers: their order is kept, so the account is taken by lane."""

    room: str
    name: str
    sender: str
    readers: frozenset[str]
    payloads: list[Message] = field(default_factory=list)

    def mark(self) -> Mark:
        """The mark of the lane's next payload."""
        return Mark(self.room, self.name, len(self.payloads))


@dataclass(frozen=True, slots=True)
class Conversation:
    """The messages of one type that `peers` exchange."""

    message_type: str
    peers: Sequence[Peer]
    lanes: list[Lane]
    letters: Mapping[str, list[Letter]]


def _others(peers: Iterable[Peer], sender: Peer) -> frozenset[str]:
    return frozenset(peer.label for peer in peers if peer is not sender)


def state_updates(peers: Sequence[Peer], phase: str, count: int, *, unmarked: bool = False) -> Conversation:
    """`count` updates of each of `peers`, of every shape; `unmarked`: the first sender's include plain ``{}``."""
    lanes: list[Lane] = []
    letters: dict[str, list[Letter]] = {}
    limit = peers[0].check.profile.limits.frame_bytes
    for sender in peers:
        lane = Lane(sender.room, f"{sender.label}_{phase}", sender.label, _others(peers, sender))
        own = letters[sender.label] = []
        for number in range(count):
            mark = lane.mark()
            payload = shaped(mark, unmarked=unmarked and sender is peers[0])
            if limit and limit > 2 * len(json.dumps(very_long(mark))) and number == count // 2:
                payload = very_long(mark)
            own.append(_letter(sender, lane, "state_update", payload, number, last=number == count - 1))
        lanes.append(lane)
    return Conversation("state_update", peers, lanes, letters)


def notes(peers: Sequence[Peer], phase: str, count: int) -> Conversation:
    """`count` updates of each of `peers` that hold nothing but their mark."""
    lanes = [Lane(peer.room, f"{peer.label}_{phase}", peer.label, _others(peers, peer)) for peer in peers]
    letters = {
        peer.label: [
            _letter(peer, lane, "state_update", {"mark": str(lane.mark())}, number, last=number == count - 1)
            for number in range(count)
        ]
        for peer, lane in zip(peers, lanes, strict=True)
    }
    return Conversation("state_update", peers, lanes, letters)


def agent_messages(peers: Sequence[Peer], count: int) -> Conversation:
    """`count` messages from each of `peers` to each other one, by connectionId and agentId in turn."""
    lanes: list[Lane] = []
    letters: dict[str, list[Letter]] = defaultdict(list)
    for sender in peers:
        own = [
            (Lane(sender.room, f"{sender.label}_to_{reader.label}", sender.label, frozenset({reader.label})), reader)
            for reader in peers
            if reader is not sender
        ]
        lanes += [lane for lane, _ in own]
        for number in range(count):
            for lane, reader in own:
                target = reader.connection if (number + len(lanes)) % 2 else reader.agent
                payload = {"event": "data_ready", **shaped(lane.mark())}
                last = number == count - 1
                letter = _letter(sender, lane, "agent_message", payload, number, last=last, target=target)
                letters[sender.label].append(letter)
    return Conversation("agent_message", peers, lanes, letters)


def status_runs(peers: Sequence[Peer], count: int) -> Conversation:
    """`count` runs of an agent of each of `peers`, ending completed and failed in turn."""
    lanes: list[Lane] = []
    letters: dict[str, list[Letter]] = {}
    for sender in peers:
        lane = Lane(sender.room, f"{sender.label}_status_{count}", sender.label, _others(peers, sender))
        own = letters[sender.label] = []
        for run in range(count):
            ending = {"status": "failed" if run % 2 else "completed", "progress": 100}
            for step in (*GOOD_RUN, ending):
                mark = lane.mark()
                payload = {"agentId": f"{sender.agent}-{run}", **step, "currentTask": f"{mark} {STRANGE_TEXT}"}
                last = run == count - 1 and step is ending
                own.append(_letter(sender, lane, "agent_status", payload, mark.number, last=last))
        lanes.append(lane)
    return Conversation("agent_status", peers, lanes, letters)


def _letter(
    sender: Peer, lane: Lane, message_type: str, payload: Message, number: int, *, last: bool, **members: object
) -> Letter:
    mark = lane.mark()
    lane.payloads.append(payload)
    send = sender.send_whole if number % 2 == 0 else sender.send
    return Letter(mark, lambda: send(message_type, payload, **members), lane.readers, last)


async def expect_delivered(check: Check, conversation: Conversation) -> None:
    """Hold the conversation: every message at its readers, once, unchanged, in its sender's order, and nowhere else."""
    await converse(conversation.peers, conversation.letters)
    _take_account(check, conversation)
    for peer in conversation.peers:
        await peer.fence()
    _take_account(check, conversation)


async def who_reaches_whom(conversation: Conversation) -> set[tuple[str, str]]:
    """Hold the conversation; sender and reader of each lane that arrived complete, in whatever form and order."""
    await converse(conversation.peers, conversation.letters)
    for peer in conversation.peers:
        await peer.fence()
    whole = set()
    for peer in conversation.peers:
        marks = {mark_in(message) for message in peer.messages(conversation.message_type)}
        for lane in conversation.lanes:
            if peer.label in lane.readers and marks.issuperset(map(mark_in, lane.payloads)):
                whole.add((lane.sender, peer.label))
    return whole


async def expect_as_before(check: Check, peers: Sequence[Peer], before: set[tuple[str, str]], phase: str) -> None:
    """Who reached whom `before` still does; a second attempt tells what is cut off from what is lost now and then."""
    lost = before - await who_reaches_whom(notes(peers, f"{phase}_once", 3))
    if lost:
        lost &= before - await who_reaches_whom(notes(peers, f"{phase}_twice", 3))
    cut_off = ", ".join(f"{sender} no longer reaches {reader}" for sender, reader in sorted(lost))
    check.expect(not lost, f"updates delivered as before ({phase})", cut_off)


def _take_account(check: Check, conversation: Conversation) -> None:
    exact = conversation.message_type == "state_update"
    for lane in conversation.lanes:
        for peer in conversation.peers:
            check.about(peer.socket)
            received = _payloads_of(peer, conversation.message_type, lane)
            if peer.label in lane.readers:
                fault = account(lane.payloads, received, additions=not exact)
                _expect_no_fault(check, conversation, lane, peer, fault)
            else:
                expected = f"no {conversation.message_type} of {lane.name} at {peer.label}"
                check.expect(not received, expected, f"{len(received)}, first {shown(received[:1])}")
    check.about(None)


def _payloads_of(peer: Peer, message_type: str, lane: Lane) -> list[Any]:
    """The payloads that carry the lane's mark, and the empty ones if the lane sends any."""
    payloads = []
    for message in peer.messages(message_type):
        mark = mark_in(message)
        payload = message.get("payload")
        if (mark and (mark.room, mark.sender) == (lane.room, lane.name)) or (payload == {} and {} in lane.payloads):
            payloads.append(payload)
    return payloads


def _expect_no_fault(check: Check, conversation: Conversation, lane: Lane, peer: Peer, fault: str | None) -> None:
    if fault is None:
        return
    limited = [error for one in conversation.peers for error in one.messages("error") if _is_rate_limit(error)]
    if limited and check.profile.limits.messages_per_s is None:
        check.not_measured("the target limits its message rate; name the limit in the profile: [limits] messages_per_s")
    sent = f"{len(lane.payloads)} messages {conversation.message_type} of {lane.name}"
    check.fail(f"{sent}: each once, unchanged and in order at {peer.label}", fault)


def _is_rate_limit(error: Message) -> bool:
    payload = error.get("payload")
    return isinstance(payload, dict) and payload.get("code") == "rate_limited"


async def expect_nothing_of(check: Check, room: str, peers: Iterable[Peer], *, sender: str = "") -> None:
    """No message of any type at `peers` that was sent in `room` (under the mark `sender`, if given)."""
    for peer in peers:
        await peer.fence()
        strays = [message for message in peer.strays(room) if not sender or _sender(message) == sender]
        where = f"at {peer.label}" + (" in another session" if peer.room != room else "")
        check.expect(not strays, f"nothing {where} that was sent for others, or refused", shown(strays[:1]))


def _sender(message: Message) -> str:
    mark = mark_in(message)
    return mark.sender if mark else ""


def expect_true_sources(check: Check, conversation: Conversation) -> None:
    """What was sent whole arrives as a whole envelope whose source is not somebody else."""
    for peer in conversation.peers:
        for message in peer.messages(conversation.message_type):
            mark = mark_in(message)
            lane = next((lane for lane in conversation.lanes if mark and lane.name == mark.sender), None)
            if mark is None or lane is None or mark.number % 2:
                continue
            fault = envelope_fault(peer.names, message)
            check.expect(fault is None, f"a whole envelope at {peer.label}", f"{fault} in {shown(message)}")
            strangers = [one for one in conversation.peers if one.label != lane.sender]
            source = message[peer.names.source]
            taken = source in [name for one in strangers for name in (one.agent, one.connection)]
            check.expect(not taken, f"{lane.sender} as the source of what it sent", f"source {shown(source)}")


def expect_error(check: Check, errors: Sequence[Message], about: str, *, field: str = "", code: str = "") -> None:
    """One of `errors` is a whole error message that names `field` and `code`."""
    named = "".join((f" with field {field}" if field else "", f" with code {code}" if code else ""))
    check.expect(errors, f"an error{named} for {about}", "none")
    faults = [error_fault(check.profile.ws.members, error, field=field, code=code) for error in errors]
    check.expect(None in faults, f"an error{named} for {about}", f"{faults[0]} in {shown(errors[0])}")


async def send_heartbeats(peers: Sequence[Peer], count: int) -> dict[str, dict[str, object]]:
    """`count` heartbeats of each of `peers`, until all are echoed; their timestamps by label and id."""
    sent: dict[str, dict[str, object]] = {peer.label: {} for peer in peers}

    async def beat(peer: Peer, number: int) -> None:
        timestamp = TIMESTAMPS[number % len(TIMESTAMPS)]
        source: dict[str, object] = {"source": peer.agent} if number % 2 else {}
        sent[peer.label][await peer.send("heartbeat", {}, timestamp=timestamp, **source)] = timestamp

    check = peers[0].check
    await asyncio.gather(*(paced(check, [partial(beat, peer, number) for number in range(count)]) for peer in peers))
    for peer in peers:
        await peer.until_all(sent[peer.label], partial(_id_of, peer))
    return sent


def _id_of(peer: Peer, message: Message) -> str:
    return str(message.get(peer.names.id))


def expect_echoes(check: Check, peer: Peer, sent: Mapping[str, Mapping[str, object]]) -> None:
    """Of the heartbeats `sent` (label, id, timestamp): each of its own once and true, none of anybody else's."""
    beats: dict[str, list[Message]] = defaultdict(list)
    for beat in peer.messages("heartbeat"):
        beats[str(beat.get(peer.names.id))].append(beat)
    check.about(peer.socket)
    for owner, timestamps in sent.items():
        for message_id, timestamp in timestamps.items():
            echoes = beats[message_id]
            if owner != peer.label:
                expected = f"the heartbeat {message_id} of {owner} for {owner} alone"
                check.expect(not echoes, expected, f"{peer.label} got it too")
                continue
            expected = f"one echo of heartbeat {message_id} to {owner}, with timestamp {shown(timestamp)}"
            others = [beat for each in beats.values() for beat in each if each is not echoes]
            came = f"none with that id; the first of {len(others)} others is {json.dumps(others[:1])[1:-1] or 'none'}"
            told = f"{len(echoes)} with that id" if echoes else came
            check.expect(len(echoes) == 1, expected, told)
            echoed = echoes[0].get("timestamp")
            check.expect(difference(timestamp, echoed) is None, expected, json.dumps(echoes[0], ensure_ascii=False))
    check.about(None)


async def expect_everything_wrong_refused(check: Check, peer: Peer) -> None:
    """Malformed JSON, JSON that is no object, and faulty messages: each gets its error, and the connection stays."""

    async def refuse(label: str, text: str, field: str = "", code: str = "") -> None:
        errors = await provoke(peer, partial(peer.socket.send_text, text))
        expect_error(check, errors, f"{label}, from {peer.label}", field=field, code=code)

    faulty = faulty_messages(peer.names, peer.agent).items()
    refusals = [partial(refuse, label, text, code="malformed") for label, text in MALFORMED.items()]
    refusals += [partial(refuse, label, text) for label, text in NO_OBJECT.items()]
    refusals += [partial(refuse, label, json.dumps(wrong), field=field) for label, (wrong, field) in faulty]
    await paced(check, refusals, messages_each=2)


async def expect_unreadable_refused(check: Check, strangers: Mapping[str, Peer]) -> None:
    """A progress that makes a message malformed to strict readers, one for each client, gets an error or a close."""
    for progress, peer in strangers.items():
        text = status_text(peer.names, peer.agent, Mark(peer.room, "wrong", 0), '"running"', progress)
        await peer.socket.send_text(text)
        refused = await peer.until(lambda message: message.get("type") == "error")
        check.expect(refused or left(peer.socket), f"progress {progress} of {peer.label} refused", "no error")


async def expect_flood_limited(check: Check, flooder: Peer, talking: Sequence[Peer], size: int) -> None:
    """`size` messages at once get rate_limited, while the others get what they tell each other.

    Only what two floods swallow counts as swallowed by floods: a message may be lost for other reasons.
    """
    unheard = await who_reaches_whom(notes(talking, "before", 3))
    for phase in ("meanwhile", "again"):
        errors, heard = await asyncio.gather(_flood(flooder, size), who_reaches_whom(notes(talking, phase, 24)))
        expect_error(check, errors, f"{size} messages at once", code="rate_limited")
        unheard -= heard
        if not unheard:
            return
    lost = ", ".join(f"{sender} to {reader}" for sender, reader in sorted(unheard))
    check.fail("what the others tell each other arrives whole", f"not all from {lost}")


async def _flood(peer: Peer, size: int) -> list[Message]:
    """The errors that `size` messages at once call forth; waits for the first."""

    async def send_all() -> None:
        with suppress(StreamEnded):
            for number in range(size):
                await peer.send("state_update", {"flood": number})

    await asyncio.gather(send_all(), peer.until(lambda message: message.get("type") == "error"))
    return peer.messages("error")
