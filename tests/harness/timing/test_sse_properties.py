"""What holds for every body, checked against a plain reading of the standard on the whole body at once."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pulsegate.harness.errors import ProtocolViolation
from pulsegate.harness.timing.sse import LONGEST_RETRY_MS, Comment, IdSet, Message, RetrySet, SSEEvent, SSEParser

REPLACEMENT = "\ufffd"
SMALL_LINE = 24
SMALL_EVENT = 32

names = [b"data", b"event", b"id", b"retry", b"foo", b"a", b"12"]
signs = [b":", b" ", b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b"\xef\xbb\xbf", b"\xe2\x80\xa8"]
fragments = [b"\xc3", b"\xa9", b"\xe2\x82", b"\xac", b"\xf0\x9f", b"\xff", b"\xed\xa0\x80"]
tokens = st.sampled_from(names + signs + fragments)
bodies = st.lists(tokens | st.binary(max_size=4), max_size=60).map(b"".join)
cuts = st.lists(st.integers(0, 240), max_size=12)


def utf8_decode(body: bytes) -> str:
    """The decoder of the Encoding Standard (8.1.1), byte by byte; a leading mark is dropped."""
    text: list[str] = []
    code_point = needed = seen = 0
    lower, upper = 0x80, 0xBF
    queue = list(reversed(body.removeprefix(b"\xef\xbb\xbf")))
    while queue:
        byte = queue.pop()
        if needed:
            if not lower <= byte <= upper:
                needed, lower, upper = 0, 0x80, 0xBF
                text.append(REPLACEMENT)
                queue.append(byte)
                continue
            lower, upper = 0x80, 0xBF
            code_point = code_point << 6 | byte & 0x3F
            seen += 1
            if seen == needed:
                text.append(chr(code_point))
                needed = 0
        elif byte <= 0x7F:
            text.append(chr(byte))
        elif 0xC2 <= byte <= 0xF4:
            needed = 1 if byte <= 0xDF else 2 if byte <= 0xEF else 3
            code_point = byte & (0x1F, 0x0F, 0x07)[needed - 1]
            seen = 0
            lower = {0xE0: 0xA0, 0xF0: 0x90}.get(byte, 0x80)
            upper = {0xED: 0x9F, 0xF4: 0x8F}.get(byte, 0xBF)
        else:
            text.append(REPLACEMENT)
    return "".join(text) + (REPLACEMENT if needed else "")


def interpret(body: bytes) -> tuple[list[SSEEvent], str]:
    """The events of a whole body and the last event id, straight from the standard's text."""
    events: list[SSEEvent] = []
    data = event_type = id_buffer = last_event_id = ""
    for line in re.split("\r\n|\n|\r", utf8_decode(body))[:-1]:
        name, _, value = line.partition(":")
        value = value[1:] if value[:1] == " " else value
        if line == "":
            last_event_id = id_buffer
            if data:
                events.append(Message(event_type or "message", data[:-1], id_buffer))
            data = event_type = ""
        elif name == "":
            events.append(Comment(value))
        elif name == "event":
            event_type = value
        elif name == "data":
            data += value + "\n"
        elif name == "id" and "\0" not in value:
            id_buffer = value
            events.append(IdSet(value))
        elif name == "retry" and re.fullmatch("[0-9]+", value):
            events.append(RetrySet(min(int(value), LONGEST_RETRY_MS)))
    return events, last_event_id


def reads(body: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


def outcome(reads: list[bytes], **limits: int) -> tuple[object, ...]:
    """Everything observable, with the error in place of the end where there is one."""
    parser = SSEParser(**limits)
    events: list[SSEEvent] = []
    error = ""
    try:
        for read in reads:
            events += parser.receive_data(read)
        parser.receive_eof()
    except ProtocolViolation as failure:
        error = f"{type(failure).__name__}: {failure}"
    return events, error, parser.last_event_id, parser.retry_ms, parser.unterminated, parser.invalid_utf8


@settings(deadline=None, max_examples=400)
@given(bodies)
@example(b"\xef\xbb\xbf\xef\xbb\xbf\n")
@example(b"data\xf0\x9f:\xe2\x82 a\n\xed\xa0\x80\r\rdata: \xc3\r\n\r")
def test_every_body_is_read_as_the_standard_says(body):
    """Whatever the bytes, the events are those of a plain reading of the standard."""
    parser = SSEParser()
    events = parser.receive_data(body)

    assert (events, parser.last_event_id) == interpret(body)


@settings(deadline=None, max_examples=400)
@given(bodies, cuts)
def test_chunking_never_changes_the_result(body, cuts):
    """However a body is cut into reads, everything observable stays the same."""
    assert outcome(reads(body, cuts)) == outcome([body])


@settings(deadline=None, max_examples=400)
@given(bodies, cuts)
def test_chunking_never_changes_an_error(body, cuts):
    """With tight limits the same events come before the same error, however the body is cut."""
    limits = {"max_line": SMALL_LINE, "max_event": SMALL_EVENT}

    assert outcome(reads(body, cuts), **limits) == outcome([body], **limits)


@settings(deadline=None)
@given(bodies)
def test_bad_bytes_are_noticed_exactly(body):
    """A body of complete lines is called bad UTF-8 if and only if it is."""
    parser = SSEParser()
    parser.receive_data(body + b"\n\n")
    try:
        (body + b"\n\n").decode()
        valid = True
    except UnicodeDecodeError:
        valid = False

    assert parser.invalid_utf8 is not valid


@settings(deadline=None)
@given(st.binary(max_size=300), cuts)
def test_no_bytes_crash_it(body, cuts):
    """Arbitrary bytes raise nothing but the two documented errors."""
    outcome(reads(body, cuts), max_line=SMALL_LINE)


values = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)
messages = st.builds(
    Message,
    type=values.filter(bool),
    data=st.lists(values, min_size=1, max_size=4).map("\n".join),
    last_event_id=values.filter(lambda text: "\0" not in text),
)


def serialise(message: Message, line_end: str) -> bytes:
    fields = [("event", message.type), ("id", message.last_event_id)]
    fields += [("data", line) for line in message.data.split("\n")]
    return (line_end.join(f"{name}: {value}" for name, value in fields) + line_end * 2).encode()


@settings(deadline=None)
@given(st.lists(messages, max_size=5), st.sampled_from(["\n", "\r\n", "\r"]), cuts)
def test_what_was_serialised_is_parsed_back(sent, line_end, cuts):
    """Messages written by the rules come back unchanged with every line end."""
    body = b"".join(serialise(message, line_end) for message in sent)
    events, *_ = outcome(reads(body, cuts))

    assert [event for event in events if isinstance(event, Message)] == sent
