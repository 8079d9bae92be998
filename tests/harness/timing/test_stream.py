from __future__ import annotations

import pytest

from pulsegate.harness.errors import LineTooLong
from pulsegate.harness.timing.sse import Comment, Message
from pulsegate.harness.timing.stream import EventStream, TimedEvent


def test_an_event_arrives_with_the_read_that_completes_it(at):
    """An event in two reads carries the arrival and the index of the second."""
    stream = EventStream()

    assert stream.receive_data(b"data: a\n", at(10)) == []
    assert stream.receive_data(b"\n", at(20)) == [TimedEvent(Message("message", "a", ""), at(20), read=1, together=1)]


def test_messages_of_one_read_came_together(at):
    """Every event of a read knows how many messages that read completed; comments do not count."""
    stream = EventStream()
    events = stream.receive_data(b": ping\n\ndata: a\n\ndata: b\n\n", at(10))

    assert [(event.event, event.together) for event in events] == [
        (Comment("ping"), 2),
        (Message("message", "a", ""), 2),
        (Message("message", "b", ""), 2),
    ]


def test_messages_of_different_reads_came_apart(at):
    """The count starts again with each read, and the read index goes up."""
    stream = EventStream()
    events = stream.receive_data(b"data: a\n\n", at(10)) + stream.receive_data(b"data: b\n\n", at(20))

    assert [(event.read, event.together, event.arrival) for event in events] == [(0, 1, at(10)), (1, 1, at(20))]


def test_a_read_without_bytes_is_no_read(at):
    """A read that held nothing of the stream is not counted."""
    stream = EventStream()
    stream.receive_data(b"", at(10))
    (event,) = stream.receive_data(b"data: a\n\n", at(20))

    assert event.read == 0


def test_the_end_of_the_body_shows_in_the_parser(at):
    """Whether the end discarded a block is asked of the parser."""
    stream = EventStream()
    stream.receive_data(b"data: a\n", at(10))
    stream.receive_eof()

    assert stream.parser.unterminated


def test_limits_and_the_last_event_id_reach_the_parser(at):
    """A stream is opened with the limits and the id that its parser works with."""
    stream = EventStream(max_line=10, last_event_id="7")

    assert stream.parser.last_event_id == "7"
    with pytest.raises(LineTooLong):
        stream.receive_data(b"x" * 11, at(10))
