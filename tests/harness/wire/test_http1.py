"""The HTTP reader, byte by byte and whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsegate.harness.errors import UsageError
from pulsegate.harness.wire.http1 import Body, Broken, End, Head, HttpExchange, Switched


def exchange(method: str = "GET", *headers: tuple[str, str]) -> HttpExchange:
    http = HttpExchange()
    http.request(method, "/", [("Host", "h"), *headers])
    return http


def read(answer: bytes, size: int, method: str = "GET"):
    """Head, body and end of `answer` in pieces of `size`, then the end of the connection."""
    http = exchange(method)
    events = []
    for start in range(0, len(answer), size):
        events += http.receive_data(answer[start : start + size])
    events += http.receive_eof()
    body = b"".join(event.data for event in events if isinstance(event, Body))
    return [event for event in events if not isinstance(event, Body)], body


CHUNKED = "HTTP/1.1 200 OK\r\nX-Nämé: ü\r\nTransfer-Encoding: chunked\r\n\r\n".replace("ämé", "ame").encode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("answer", "body", "end"),
    [
        (CHUNKED + b"3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", b"abc0123456789", End("clean")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc", End("clean")),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", End("clean")),
        (b"HTTP/1.1 200 OK\r\n\r\nabc", b"abc", End("eof")),
        (b"HTTP/1.0 200 OK\r\n\r\nabc", b"abc", End("eof")),
        (b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", b"a", End("clean")),
    ],
)
def test_cutting_changes_nothing(answer, body, end, size):
    """However an answer is cut into reads, head, body and end are the same."""
    events, received = read(answer, size)

    assert [type(event) for event in events] == [Head, End]
    assert received == body
    assert events[-1] == end


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"", "the connection was closed before an answer came"),
        (b"HTTP/1.1 2", "the connection was closed before an answer came"),
        (CHUNKED + b"3\r\nab", "incomplete chunked read"),
        (CHUNKED, "incomplete chunked read"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "received 2 bytes, expected 3"),
        (CHUNKED + b"xyz\r\n", "illegal chunk header: b'xyz"),
        (CHUNKED + b"3\r\nabcdef", "malformed chunk footer"),
        (b"nonsense\r\n\r\n", "illegal status line: b'nonsense'"),
        (b"\x00\x01\x02", "illegal"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "conflicting Content-Length"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: br\r\n\r\n", "Transfer-Encoding"),
    ],
)
def test_what_is_wrong_is_the_last_event(answer, problem):
    """A broken or cut answer ends with Broken, which says how."""
    events, _ = read(answer, 1000)

    assert isinstance(events[-1], Broken)
    assert problem in events[-1].problem
    assert "bytearray" not in events[-1].problem


def test_what_came_before_the_fault_is_kept():
    """The good part of a read comes out before its fault."""
    http = exchange()
    events = http.receive_data(CHUNKED + b"3\r\nabc\r\nnonsense\r\n")

    assert [type(event) for event in events] == [Head, Body, Broken]
    assert http.over
    assert http.receive_data(b"more") == []
    assert http.receive_eof() == []


def test_a_problem_is_never_long():
    """A peer cannot make a sentence of a megabyte."""
    events, _ = read(b"x" * 100_000 + b"\r\n\r\n", 10_000)

    assert len(events[-1].problem) < 300


def test_bytes_after_the_end_are_counted():
    """What follows the end of an answer is surplus."""
    events, body = read(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabcd", 1000)

    assert (events[-1], body) == (End("clean", surplus=3), b"a")


def test_head_has_no_body():
    """The answer to HEAD ends with its header fields."""
    events, body = read(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 1000, "HEAD")

    assert (events[-1], body) == (End("clean"), b"")


def test_field_values_are_utf_8_or_latin_1():
    """Header text is shown as what it can be read as, names as they were spelled."""
    events, _ = read("HTTP/1.1 204 OK\r\nX-UTF: é\r\nx-Latin: ".encode() + b"\xe9\r\n\r\n", 1000)

    assert events[0] == Head(204, (("X-UTF", "é"), ("x-Latin", "é")), "HTTP/1.1")


def test_an_upgrade_leaves_http():
    """A 101 that was asked for hands over the rest of its read."""
    http = exchange("GET", ("Connection", "Upgrade"), ("Upgrade", "websocket"))
    events = http.receive_data(b"HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n\x81\x00")

    assert events == [Switched(Head(101, (("Upgrade", "websocket"),), "HTTP/1.1"), b"\x81\x00")]


def test_a_tunnel_leaves_http():
    """A 2xx to CONNECT hands over the rest of its read; a refusal is an answer."""
    http = HttpExchange()
    http.request("CONNECT", "h:80", [("Host", "h:80")])

    assert http.receive_data(b"HTTP/1.1 200 OK\r\n\r\nhi") == [Switched(Head(200, (), "HTTP/1.1"), b"hi")]


@pytest.mark.parametrize(
    ("target", "header"),
    [("/ä", ("A", "b")), ("/ x", ("A", "b")), ("/", ("A", "b\r\nc")), ("/", ("Ä", "b")), ("/", ("a b", "c"))],
)
def test_what_cannot_be_sent_is_wrong_use(target, header):
    """A request that would not be HTTP is refused before it is sent."""
    with pytest.raises(UsageError, match="cannot be sent"):
        HttpExchange().request("GET", target, [("Host", "h"), header])


def test_the_body_follows_the_head():
    """A request with a body is one piece of bytes."""
    sent = HttpExchange().request("POST", "/a?b", [("Host", "h"), ("Content-Length", "2"), ("X", "ü")], b"xy")

    assert sent == "POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nX: ü\r\n\r\nxy".encode()


PARTS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 101 Go\r\n",
    b"HTTP/1.0 204 \r\n",
    b"Content-Length: 3\r\n",
    b"Content-Length: " + b"9" * 5000 + b"\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"\r\n",
    b"3\r\nabc\r\n",
    b"fffffffffffffffffff\r\n",
    b"0\r\n\r\n",
]


@given(st.lists(st.sampled_from(PARTS) | st.binary(max_size=10), max_size=12))
def test_no_bytes_crash_it(pieces):
    """Whatever comes becomes events, and the last of them ends the answer."""
    http = exchange()
    events = [event for piece in pieces for event in http.receive_data(piece)]
    events += http.receive_eof()

    assert isinstance(events[-1], End | Broken)
    assert http.over
