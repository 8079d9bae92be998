"""Where heads, chunks and frames end, however the bytes are cut into reads."""

from __future__ import annotations

import pytest

from pulsegate.harness.chaos.framing import Framing, Kind

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
BODY = b"b\r\ndata: one\n\n\r\n" + b"7;name=value\r\ndata: t\r\n" + b"4\r\nwo\n\n\r\n"
LAST = b"0\r\nTrailer: value\r\n\r\n"
UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


def pieces(framing: Framing, data: bytes, size: int) -> list[tuple[Kind, bytes]]:
    """What comes out, neighbours of one kind joined."""
    found: list[tuple[Kind, bytes]] = []
    for at in range(0, len(data), size):
        for kind, piece in framing.split(data[at : at + size]):
            if found and found[-1][0] is kind:
                found[-1] = (kind, found[-1][1] + piece)
            else:
                found.append((kind, piece))
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 1000])
def test_chunked_stream_comes_apart_the_same(size: int) -> None:
    """Head, sizes, body and end are told apart, no byte is lost, and another answer may follow."""
    framing = Framing()

    found = pieces(framing, HEAD + BODY + LAST + HEAD, size)

    assert b"".join(piece for _, piece in found) == HEAD + BODY + LAST + HEAD
    assert b"".join(piece for kind, piece in found if kind is Kind.BODY) == b"data: one\n\ndata: two\n\n"
    assert [kind for kind, _ in found].count(Kind.END) == 1
    assert framing.event_stream


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_frames_of_every_length_are_followed(size: int) -> None:
    """Lengths of 7, 16 and 64 bits, and an empty frame: the boundaries are where the frames end."""
    lengths = [0, 1, 125, 126, 65_536]
    heads = [b"\x81\x00", b"\x81\x01", b"\x81\x7d", b"\x82\x7e\x00\x7e", b"\x81\x7f" + (65_536).to_bytes(8, "big")]
    framing = Framing()
    framing.follow(UPGRADE)
    for head, length in zip(heads, lengths, strict=True):
        frame = head + b"x" * length
        for at in range(0, len(frame), size):
            assert framing.at_boundary == (at == 0)
            framing.follow(frame[at : at + size])

    assert framing.at_boundary
    assert framing.websocket


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_following_knows_whether_an_event_is_over(size: int) -> None:
    """After a blank line, and only then, the next byte begins an event."""
    framing = Framing()
    for at in range(0, len(HEAD), size):
        framing.follow(HEAD[at : at + size])
    assert framing.between_events
    for chunk, over in ((b"b\r\ndata: one\n\n\r\n", True), (b"9\r\ndata: two\r\n", False), (b"1\r\n\n\r\n", False)):
        for at in range(0, len(chunk), size):
            framing.follow(chunk[at : at + size])
        assert framing.at_boundary
        assert framing.between_events == over


def test_blank_line_over_two_chunks_ends_an_event() -> None:
    """Sizes between two line ends are no part of the stream."""
    framing = Framing()
    framing.follow(HEAD)
    framing.follow(b"8\r\ndata: x\n\r\n")
    assert not framing.between_events
    framing.follow(b"1\r\n\n\r\n")

    assert framing.between_events


@pytest.mark.parametrize(
    "head",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        HEAD.replace(b"Content-Type", b"Content-Encoding: gzip\r\nContent-Type"),
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 100\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n",
    ],
)
def test_what_cannot_be_read_is_passed(head: bytes) -> None:
    """What is no HTTP, compressed, of fixed length or badly chunked is no event stream, and comes out unchanged."""
    framing = Framing()

    found = pieces(framing, head + b"data: x\n\n", 1000)

    assert b"".join(piece for _, piece in found) == head + b"data: x\n\n"
    assert Kind.BODY not in [kind for kind, _ in found]
    assert not framing.event_stream


def test_answers_without_a_body_are_followed_by_the_next() -> None:
    """204, 1xx, an empty body and the answer to HEAD: the event stream behind them is seen."""
    framing = Framing()
    framing.request_sent(b"HEAD / HTTP/1.1\r\n\r\n")
    framing.follow(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    framing.follow(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
    framing.follow(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    framing.follow(HEAD)

    assert framing.event_stream


def test_stream_without_a_length_lasts_to_the_end() -> None:
    """HTTP/1.0 style: everything behind the head is body."""
    framing = Framing()
    framing.follow(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")

    assert pieces(framing, b"data: x\n\n", 3) == [(Kind.BODY, b"data: x\n\n")]
    assert framing.between_events
