"""The WebSocket wire against websockets' own server protocol, without sockets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as UpgradeRequest
from websockets.server import ServerProtocol

from pulsegate.harness.errors import StreamEnded, UsageError
from pulsegate.harness.wire.address import parse_address
from pulsegate.harness.wire.websocket import Binary, Closed, Opened, Pong, Refused, Text, WebSocketWire

ADDRESS = parse_address("http://h:8000/ws?token=x")


class Pair:
    """A wire and a server protocol, joined by hand; `size` cuts what the server sends."""

    def __init__(self, size: int = 65_536, **settings) -> None:
        self.size = size
        self.wire = WebSocketWire(ADDRESS, (("Origin", "o"),), **settings)
        self.server = ServerProtocol(max_size=None)
        self.to_server()
        (self.request,) = [event for event in self.server.events_received() if isinstance(event, UpgradeRequest)]
        self.server.send_response(self.server.accept(self.request))

    def to_server(self) -> None:
        for data in self.wire.data_to_send():
            if data:
                self.server.receive_data(data)
            else:
                self.server.receive_eof()

    def to_wire(self) -> list:
        for data in self.server.data_to_send():
            for start in range(0, len(data), self.size):
                self.wire.receive_data(data[start : start + self.size])
            if not data:
                self.wire.receive_eof()
        return self.wire.events_received()

    def open(self) -> Pair:
        assert isinstance(self.to_wire()[0], Opened)
        return self

    def server_frames(self) -> list[Frame]:
        self.to_server()
        return [event for event in self.server.events_received() if isinstance(event, Frame)]


def test_the_upgrade_request():
    """The request names path, query, Host and the caller's fields."""
    pair = Pair()

    assert pair.request.path == "/ws?token=x"
    assert (pair.request.headers["Host"], pair.request.headers["Origin"]) == ("h:8000", "o")


@pytest.mark.parametrize("size", [1, 2, 5, 65_536])
def test_cutting_changes_nothing(size):
    """However the server's bytes are cut, the same events come out, fragments joined."""
    pair = Pair(size)
    pair.server.send_text("żółć".encode())
    pair.server.send_text("é".encode()[:1], fin=False)
    pair.server.send_ping(b"p")
    pair.server.send_continuation("é".encode()[1:], fin=True)
    pair.server.send_binary(b"\xff")
    pair.server.send_pong(b"q")
    events = pair.to_wire()

    assert isinstance(events[0], Opened)
    assert events[1:] == [Text("żółć"), Text("é"), Binary(b"\xff"), Pong(b"q")]
    assert [frame.data for frame in pair.server_frames()] == [b"p"]


def test_what_is_sent_arrives():
    """Text, binary and pings reach the server, masked and whole."""
    pair = Pair().open()
    pair.wire.send_text("ü")
    pair.wire.send_binary(b"\x00")
    pair.wire.ping(b"p")

    assert [(frame.opcode, frame.data) for frame in pair.server_frames()] == [
        (Opcode.TEXT, "ü".encode()),
        (Opcode.BINARY, b"\x00"),
        (Opcode.PING, b"p"),
    ]


def test_the_servers_close_is_reported_once_and_answered():
    """A close frame gives code and reason; the reply goes out, and the end of the connection adds nothing."""
    pair = Pair().open()
    pair.server.send_close(4401, "bad token")
    events = pair.to_wire()
    pair.to_server()
    pair.wire.receive_eof()

    assert events == [Closed(4401, "bad token")]
    assert pair.server.close_rcvd.code == 4401
    assert pair.wire.events_received() == []


def test_a_close_without_a_code_is_1005():
    """An empty close frame has the code that stands for none."""
    pair = Pair().open()
    pair.server.send_close()

    assert pair.to_wire() == [Closed(1005, "")]


def test_our_close_is_answered():
    """After close(), the server's answer is reported and nothing more can be sent."""
    pair = Pair().open()
    pair.wire.close(1000, "done")
    with pytest.raises(StreamEnded, match="the WebSocket is closing"):
        pair.wire.send_text("late")
    pair.to_server()

    assert pair.to_wire()[0] == Closed(1000, "done")
    pair.wire.close()


def test_leaving_without_a_close_frame_is_a_problem():
    """The bare end of the connection has no code."""
    pair = Pair().open()
    pair.wire.receive_eof()

    assert pair.wire.events_received() == [Closed(None, "", "the connection ended without a close frame")]


@pytest.mark.parametrize(
    ("frame", "problem", "reply"),
    [
        (b"\x81\x02\xc3\x28", "a text message is not UTF-8: invalid continuation byte at byte 0", 1007),
        (b"\x83\x00", "the peer broke the WebSocket protocol: invalid opcode", 1002),
        (b"\x81\x82abcdxx", "the peer broke the WebSocket protocol: incorrect masking", 1002),
        (b"\x88\x02\x00\x01", "the peer broke the WebSocket protocol", 1002),
        (b"\x81\x7e\x04\x01", "the peer broke the WebSocket protocol", 1009),
    ],
)
def test_a_broken_frame_becomes_a_problem(frame, problem, reply):
    """What the protocol forbids closes with the documented code and is told; nothing is raised."""
    pair = Pair(largest_message=1024).open()
    pair.wire.receive_data(b"\x81\x02ok" + frame + b"\x81\x04more")
    events = pair.wire.events_received()
    closing = [frame for frame in pair.server_frames() if frame.opcode is Opcode.CLOSE]

    assert events[0] == Text("ok")
    assert isinstance(events[1], Closed)
    assert events[1].code is None
    assert problem in events[1].problem
    assert int.from_bytes(closing[0].data[:2]) == reply
    assert len(events) == 2


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", 403, b"no"),
        (b"HTTP/1.0 403 No\r\n\r\nno", 403, b"no"),
        (b"HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nno", 401, b"no"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000, 200, b"x" * 65_536),
    ],
)
def test_a_refusal_has_status_and_body(answer, status, body, size):
    """Any answer that is no upgrade is a refusal, its body bounded."""
    wire = WebSocketWire(ADDRESS)
    for start in range(0, len(answer), size):
        wire.receive_data(answer[start : start + size])
    wire.receive_eof()
    (refused,) = wire.events_received()

    assert isinstance(refused, Refused)
    assert (refused.status, refused.body) == (status, body)


def test_a_refusal_can_be_told_before_its_end():
    """refuse_now() gives what came so far, once, and nothing before a head."""
    wire = WebSocketWire(ADDRESS)
    wire.refuse_now()
    assert wire.events_received() == []
    wire.receive_data(b"HTTP/1.1 500 No\r\n\r\nwhy")
    wire.refuse_now()
    wire.refuse_now()

    assert wire.events_received() == [Refused(500, (), b"why")]


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"", b"HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n"])
def test_no_answer_is_a_problem(answer):
    """What is neither upgrade nor refusal is Closed with a problem."""
    wire = WebSocketWire(ADDRESS)
    wire.receive_data(answer)
    wire.receive_eof()
    (closed,) = wire.events_received()

    assert isinstance(closed, Closed)
    assert closed.problem


def test_sending_before_the_upgrade_is_refused():
    """Nothing can be sent before the WebSocket is open."""
    with pytest.raises(StreamEnded, match="not open"):
        WebSocketWire(ADDRESS).send_text("early")


def test_what_cannot_be_sent_is_wrong_use():
    """A reserved close code and an oversized ping are refused here."""
    wire = Pair().open().wire
    with pytest.raises(UsageError, match="close code 1006 cannot be sent"):
        wire.close(1006)
    with pytest.raises(UsageError, match="cannot be sent"):
        wire.ping(b"x" * 126)


@given(st.booleans(), st.lists(st.binary(max_size=40), max_size=5))
def test_no_bytes_crash_it(opened, pieces):
    """Whatever comes, before or after the upgrade, becomes events."""
    wire = Pair().open().wire if opened else WebSocketWire(ADDRESS)
    for piece in pieces:
        wire.receive_data(piece)
        wire.data_to_send()
    wire.receive_eof()

    assert isinstance(wire.events_received()[-1], Closed | Refused)


@pytest.mark.parametrize("length", [1, 125, 126, 65_535, 65_536])
def test_half_a_frame_behind_a_message_is_noticed(length):
    """A read ends with its last message only if nothing came behind it: the read's stamp is of what came last."""
    pair = Pair().open()
    assert pair.wire.ends_with_event
    pair.server.send_text(b"a" * length)
    whole = b"".join(pair.server.data_to_send())
    pair.wire.receive_data(whole)
    assert pair.wire.ends_with_event
    for cut in (1, 2, len(whole) - 1):
        pair.wire.receive_data(whole + whole[:cut])
        assert not pair.wire.ends_with_event
        pair.wire.receive_data(whole[cut:])
        assert pair.wire.ends_with_event
    pair.server.send_ping(b"x")
    pair.wire.receive_data(b"".join(pair.server.data_to_send()))
    assert not pair.wire.ends_with_event, "a ping came behind it"
