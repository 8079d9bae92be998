"""The part of an answer that a failure is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pulsegate.harness.contract.received import part_in_question
from pulsegate.harness.record import Exchange, Received

HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
CHUNKED = {"transfer-encoding": "chunked"}


def exchange(kind: str, *texts: str, status: int = 200, **parts: Any) -> Exchange:
    reads = [Received(at_ms=10.0 * place, text=text, size=len(text)) for place, text in enumerate(texts)]
    parts = {"kind": kind, "status": status, "received": reads, **parts}
    return Exchange(method="GET", url="http://h/", started_at=datetime.now(UTC), **parts)


def test_the_event_that_is_quoted_is_shown() -> None:
    """Neither the answer's head nor the sizes of its chunks are taken for it."""
    one = 'data: {"beat":"16:15:46"}\n\n'
    two = 'event: tick\ndata: {"beat":"16:15:47"}\n\n'
    came = exchange("stream", HEAD, f"{len(one):x}\r\n{one}\r\n", f"{len(two):x}\r\n{two}\r\n", headers=CHUNKED)

    assert part_in_question(came, "timestamp 16:15:47 has no offset") == (
        'event 2 of 2, after 20.0 ms: event: tick, data: {"beat":"16:15:47"}'
    )


def test_an_event_in_two_reads_is_whole() -> None:
    """It is shown with the arrival of what completed it."""
    came = exchange("stream", HEAD + "6\r\ndata: \r\n", "9\r\nlate-one\n\r\n1\r\n\n\r\n", headers=CHUNKED)

    assert part_in_question(came, "late-one") == "event 1 of 1, after 10.0 ms: data: late-one"


def test_the_last_event_is_shown_where_none_is_quoted() -> None:
    """What came last is nearest to how a stream ended."""
    came = exchange("stream", HEAD, "data: one\n\n", "data: two\n\n")

    assert part_in_question(came, "it was cut").endswith("data: two")


def test_a_stream_without_events_says_so() -> None:
    """What came instead is shown."""
    assert part_in_question(exchange("stream", HEAD, "<html>"), "no event") == "no event, but '<html>'"
    assert part_in_question(exchange("stream", HEAD), "no event") == "no event"


def test_a_refused_stream_shows_its_body() -> None:
    """Its head stands in the record."""
    came = exchange("stream", 'HTTP/1.1 500 Said\r\nA: b\r\n\r\n{"detail":"no"}', status=500)

    assert part_in_question(came, "status 500") == '\'{"detail":"no"}\''


def test_the_message_that_is_quoted_is_shown() -> None:
    """Each read of a WebSocket is a message."""
    came = exchange("websocket", '{"id":"a-1"}', '{"id":"a-2"}', '{"id":"a-3"}', status=101)

    assert part_in_question(came, "a-2 came twice") == 'message 2 of 3, after 10.0 ms: {"id":"a-2"}'
