"""WebSockets of a load: upgrades, heartbeats and their echoes, ends, and how far a message reaches."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import threading
from dataclasses import dataclass, field

import pytest

from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target

SOCKETS = "class Mine(WebSocketUser): pass"
BEATING = Profile.model_validate({"timing": {"heartbeat_s": 0.05}})
TEXT, CLOSE = 1, 8


def frame(opcode, data):
    """One frame from a server."""
    length = bytes([len(data)]) if len(data) < 126 else b"\x7e" + struct.pack(">H", len(data))
    return bytes([0x80 | opcode]) + length + data


def upgrade(peer):
    """Grant the upgrade."""
    request = peer.read_request()
    key = request.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    peer.say(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    return request


def exactly(peer, size):
    """So many bytes from the client."""
    data = b""
    while len(data) < size:
        more = peer.socket.recv(size - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def messages(peer):
    """The texts that the client sends, until it closes."""
    while True:
        first, second = exactly(peer, 2)
        length = second & 0x7F
        if length == 126:
            [length] = struct.unpack(">H", exactly(peer, 2))
        mask = exactly(peer, 4)
        data = bytes(byte ^ mask[index % 4] for index, byte in enumerate(exactly(peer, length)))
        if first & 0x0F == CLOSE:
            return
        yield data


def then(*pieces, end="hold"):
    """A script that grants the upgrade and says `pieces`."""

    def script(peer):
        upgrade(peer)
        peer.say(*pieces)
        if end == "hold":
            peer.until_gone()

    return script


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "the upgrade was answered 404"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\n?", "upgrade was answered 200: ?"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "is not valid"),
        (b"SSH-2.0\r\n\r\n", "ws: "),
    ],
)
def test_what_is_no_upgrade_is_refused(run, serve, answer, told):
    """A WebSocket that was not granted is a connection that failed."""

    def script(peer):
        peer.read_request()
        peer.say(answer)
        peer.until_gone()

    ran = run(serve(script).url, SOCKETS, problems=1)
    assert told in ran.problem
    assert (ran.counts["refused"], ran.counts["established"], ran.counts["dropped"]) == (1, 0, 0)
    assert ran.own_faults == []


@pytest.mark.parametrize(
    ("said", "end", "told"),
    [
        (frame(CLOSE, struct.pack(">H", 1000)), "hold", "the server closed with 1000"),
        (frame(CLOSE, struct.pack(">H", 1009)), "hold", "the server closed with 1009"),
        (b"", "close", "the server closed the connection"),
        (b"\xff\xff", "hold", "the peer broke the WebSocket protocol"),
        (frame(TEXT, b"\xff"), "hold", "not UTF-8"),
        (b"\x81\x7f" + struct.pack(">Q", 1 << 40), "hold", "the peer broke the WebSocket protocol"),
    ],
)
def test_a_websocket_that_ends_is_dropped(run, serve, said, end, told):
    """However it ends once it is open, it was dropped, and the reason tells how."""
    ran = run(serve(then(said, end=end)).url, SOCKETS, problems=1)
    assert told in ran.problem
    assert (ran.counts["established"], ran.counts["dropped"], ran.counts["refused"]) == (1, 1, 0)
    assert ran.own_faults == []


def test_a_message_that_is_not_json_is_told(run, serve):
    """It is counted as a problem, and the WebSocket lives on."""
    ran = run(serve(then(frame(TEXT, b"{oops"), frame(TEXT, b"{}"))).url, SOCKETS, events=2)
    assert ran.problem == "ws: a message was not JSON"
    assert ran.counts["dropped"] == 0


def test_the_round_trip_is_timed_by_heartbeats(run, serve):
    """The answer to a heartbeat, known by its id, ends a round trip; the server's delay is in it."""

    def script(peer):
        upgrade(peer)
        for message in messages(peer):
            threading.Event().wait(0.02)
            peer.say(frame(TEXT, message))

    ran = run(Target(url=serve(script).url, profile=BEATING), SOCKETS, beats=3)
    assert ran.measured.metrics["ws.round_trip"].count == ran.counts["beats"] == 3
    assert ran.measured.metrics["ws.round_trip"].min >= 20


def test_unanswered_heartbeats_are_missed(run, serve):
    """A heartbeat that has no answer when the next one is sent was missed."""
    ran = run(Target(url=serve(then()).url, profile=BEATING), SOCKETS, missed=2)
    assert ran.counts["missed"] == 2
    assert ran.counts["beats"] == 0


def test_another_clients_heartbeat_is_no_answer(run, serve):
    """Heartbeats of different WebSockets have different ids, so that their echoes cannot be mixed up."""
    ids = []

    def script(peer):
        upgrade(peer)
        ids.extend(json.loads(message)["messageId"] for message in messages(peer))

    ids_of_two = "class Mine(WebSocketUser): connections_per_user = 2"
    profile = Profile.model_validate({"timing": {"heartbeat_s": 0.05}, "ws": {"members": {"id": "messageId"}}})
    run(Target(url=serve(script).url, profile=profile), ids_of_two, missed=6)
    assert len(set(ids)) == len(ids) >= 4


@dataclass
class Room:
    """Servers' side of a room: hands messages on as its policy says."""

    #: Given a receiver's number (0 is the sender's neighbour), how many copies it gets.
    copies: dict[int, int] = field(default_factory=dict)
    #: Whether the sender gets a copy too.
    echoes: bool = False
    members: list = field(default_factory=list)
    paths: set = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def script(self, peer):
        self.paths.add(upgrade(peer).split()[1])
        with self.lock:
            self.members.append(peer)
        for message in messages(peer):
            with self.lock:
                others = [member for member in self.members if member is not peer]
                for number, member in enumerate(others):
                    member.say(frame(TEXT, message) * self.copies.get(number, 1))
                if self.echoes:
                    peer.say(frame(TEXT, message) * 3)


UPDATES = "class Mine(AgentsUser): update_rate = 50.0"


def test_a_message_that_reaches_everybody(run, serve):
    """Each of five agents sends to the four others; all copies count, and each is timed."""
    room = Room()
    ran = run(serve(room.script).url, UPDATES, received=40)
    metrics = ran.measured.metrics
    assert ran.counts["established"] == 5
    assert metrics["ws.reach"].min == metrics["ws.reach"].max == 100
    timed = sum(metrics[name].count for name in ("ws.fan_out", "ws.connect", "ws.round_trip") if name in metrics)
    assert timed == ran.counts["judged"] - ran.counts["spoiled"]
    assert len(room.paths) == 1
    assert ran.counts["received"] == ran.counts["expected"]


def test_copies_that_are_lost_lower_the_reach(run, serve):
    """A server that forgets one of four receivers reaches three quarters, once the copies have had their time."""
    soon = UPDATES + "\nimport pulsegate.harness.load.agents_user as agents\nagents.LATEST_S = 0.2"
    ran = run(serve(Room(copies={0: 0}).script).url, soon, received=90)
    assert ran.measured.metrics["ws.reach"].max == 75
    assert ran.counts["received"] < ran.counts["expected"]


def test_copies_too_many_do_not_make_up_for_lost_ones(run, serve):
    """One receiver's second copy, or the sender's own, is no copy for another."""
    soon = UPDATES + "\nimport pulsegate.harness.load.agents_user as agents\nagents.LATEST_S = 0.2"
    ran = run(serve(Room(copies={0: 0, 1: 2}, echoes=True).script).url, soon, received=90)
    assert ran.measured.metrics["ws.reach"].max == 75


def test_copies_under_way_at_the_end_are_not_held_against_the_target(run, serve):
    """What was sent shortly before the end counts neither as expected nor as lost."""
    ran = run(serve(Room(copies={0: 0, 1: 0, 2: 0, 3: 0}).script).url, UPDATES, expected=8)
    assert ran.counts["expected"] == ran.counts["received"] == 0
    assert ran.measured.fan_out is None
