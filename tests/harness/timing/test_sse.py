from __future__ import annotations

import gc
import tracemalloc

import pytest

from pulsegate.harness.errors import LineTooLong, ProtocolViolation, PulsegateError
from pulsegate.harness.timing.sse import Comment, IdSet, Message, SSEParser

LINE_TOO_LONG = "a line of the event stream is longer than the limit of 10 bytes"


def feed(parser: SSEParser, read: bytes, times: int) -> None:
    for _ in range(times):
        parser.receive_data(read)


def test_a_read_without_bytes_gives_nothing():
    """Receiving no bytes changes nothing, also between CR and LF."""
    parser = SSEParser()
    parser.receive_data(b"data: a\r")

    assert parser.receive_data(b"") == []
    assert parser.receive_data(b"\n\r\n") == [Message("message", "a", "")]


def test_an_event_comes_with_the_read_that_completes_it():
    """The read that holds the blank line gives the event, not a later one."""
    parser = SSEParser()

    assert parser.receive_data(b"data: a\n") == []
    assert parser.receive_data(b"\n") == [Message("message", "a", "")]


def test_the_last_event_id_waits_for_the_blank_line():
    """An id is reported at its line, and counts from its blank line on."""
    parser = SSEParser()

    assert parser.receive_data(b"id: 5\n") == [IdSet("5")]
    assert parser.last_event_id == ""

    parser.receive_data(b"\n")
    assert parser.last_event_id == "5"


def test_the_last_event_id_carries_over_to_the_next_body():
    """A parser for a reconnection begins with the id of the body before."""
    parser = SSEParser(last_event_id="5")

    assert parser.receive_data(b"data: a\n\n") == [Message("message", "a", "5")]


def test_events_of_different_kinds_are_never_equal():
    """A comment is not an id with the same text."""
    assert Comment("1") != IdSet("1")


@pytest.mark.parametrize("pending", [b"data: a\n", b"event: a\n", b"id: a\n", b"data: a", b"da", b"data: a\n: ping\n"])
def test_something_pending_is_unterminated(pending):
    """Whatever the end of the body would discard is unterminated, before the end and after."""
    parser = SSEParser()
    parser.receive_data(pending)
    assert parser.unterminated

    parser.receive_eof()
    assert parser.unterminated


@pytest.mark.parametrize("settled", [b"", b"data: a\n\n", b": ping\n", b": pi", b"retry: 5\n", b"\n", b"foo: bar\n"])
def test_nothing_pending_is_terminated(settled):
    """Comments, a `retry` and ignored fields need no blank line."""
    parser = SSEParser()
    parser.receive_data(settled)
    assert not parser.unterminated

    parser.receive_eof()
    assert not parser.unterminated


def test_a_line_of_exactly_the_limit_is_accepted():
    """The limit counts a line's bytes without its line end."""
    assert SSEParser(max_line=10).receive_data(b"data: abcd\r\n\r\n") == [Message("message", "abcd", "")]


@pytest.mark.parametrize(
    "line", [b"data: abcde\n", b"data: abcde", b": 123456789\n", b"\xef\xbb\xbfdata: ab\n", b"x" * 11]
)
def test_a_line_over_the_limit_is_an_error(line):
    """A line of any kind over the limit is refused with a sentence that names the limit."""
    with pytest.raises(LineTooLong) as caught:
        SSEParser(max_line=10).receive_data(line)

    assert str(caught.value) == LINE_TOO_LONG


def test_a_line_over_the_limit_in_pieces_is_an_error():
    """The limit holds for a line that comes in several reads, as soon as it is passed."""
    parser = SSEParser(max_line=10)
    parser.receive_data(b"data: abcd")

    with pytest.raises(LineTooLong):
        parser.receive_data(b"e")


def test_events_before_an_error_are_not_lost():
    """What came before the error in the same read is returned; the next call raises."""
    parser = SSEParser(max_line=10)

    assert parser.receive_data(b"data: a\n\ndata: abcdefgh\n\ndata: b\n\n") == [Message("message", "a", "")]
    with pytest.raises(LineTooLong):
        parser.receive_data(b"data: c\n\n")


def test_an_error_that_was_put_off_is_raised_at_the_end_of_the_body():
    """The end of the body does not hide an error."""
    parser = SSEParser(max_line=10)
    parser.receive_data(b"data: a\n\ndata: abcdefgh\n\n")

    with pytest.raises(LineTooLong):
        parser.receive_eof()


def test_after_an_error_the_parser_stays_unusable():
    """Each further call raises the same sentence."""
    parser = SSEParser(max_line=10)
    with pytest.raises(LineTooLong):
        parser.receive_data(b"x" * 11)

    with pytest.raises(LineTooLong, match=LINE_TOO_LONG):
        parser.receive_data(b"data: a\n\n")


def test_after_the_end_of_the_body_the_parser_is_unusable():
    """Using a parser for a second body is a defect of the caller."""
    parser = SSEParser()
    parser.receive_eof()

    with pytest.raises(PulsegateError, match="after the end of its body"):
        parser.receive_data(b"data: a\n\n")


def test_an_event_of_exactly_the_limit_is_accepted():
    """The data of one event may be as large as the limit, line ends included."""
    assert SSEParser(max_event=4).receive_data(b"data: a\ndata: b\n\n") == [Message("message", "a\nb", "")]


def test_an_event_over_the_limit_is_an_error():
    """Many short lines cannot grow one event without bound."""
    with pytest.raises(ProtocolViolation, match="holds more than 4 bytes of data"):
        SSEParser(max_event=4).receive_data(b"data: a\ndata: b\ndata\n\n")


@pytest.mark.parametrize(
    ("read", "error"),
    [
        pytest.param(b"x" * 8_192, LineTooLong, id="one line"),
        pytest.param(b"data\n" * 1_638, ProtocolViolation, id="one event of many lines"),
    ],
)
def test_endless_input_takes_no_more_memory_than_the_limit(read, error):
    """Ten megabytes without a line end, or without a blank line, raise at 1 MiB and are not kept."""
    parser = SSEParser(max_event=1024 * 1024)

    tracemalloc.start()
    with pytest.raises(error):
        feed(parser, read, times=1_280)
    gc.collect()
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 1.5 * 1024 * 1024
    assert held < 16_384
