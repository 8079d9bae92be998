"""Every case of fixtures/sse, however its bytes are cut into reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from pulsegate.fixtures.sse import Case, ExpectedEvent, load_cases
from pulsegate.harness.timing.sse import Comment, IdSet, Message, RetrySet, SSEEvent, SSEParser

CASES = load_cases()
REPLAYS = [
    pytest.param(case, body, id=f"{case.theme}/{case.name}/{line_end}")
    for case in CASES
    for line_end, body in case.bodies().items()
]


def expected_event(event: ExpectedEvent) -> SSEEvent:
    match event.kind:
        case "message":
            return Message(event.type, str(event.value), event.last_event_id)
        case "comment":
            return Comment(str(event.value))
        case "id":
            return IdSet(str(event.value))
        case "retry":
            return RetrySet(int(event.value))


def expected_outcome(case: Case) -> tuple[object, ...]:
    events = [expected_event(event) for event in case.events]
    return events, case.last_event_id, case.retry_ms, case.unterminated, case.invalid_utf8


def parse(reads: Iterable[bytes]) -> tuple[object, ...]:
    parser = SSEParser()
    events = [event for read in reads for event in parser.receive_data(read)]
    events += parser.receive_eof()
    return events, parser.last_event_id, parser.retry_ms, parser.unterminated, parser.invalid_utf8


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


def split_points(body: bytes) -> Iterable[int]:
    """Every place; in a body too long for that, those near both ends and a sample between."""
    if len(body) < 6_000:
        return range(len(body) + 1)
    return sorted({*range(50), *range(0, len(body), 9_973), *range(len(body) - 50, len(body))})


@pytest.mark.parametrize(("case", "body"), REPLAYS)
def test_whole(case, body):
    """A body that comes in one read gives the expected events."""
    assert parse([body]) == expected_outcome(case)


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize(("case", "body"), REPLAYS)
def test_in_small_pieces(case, body, size):
    """A body that comes byte by byte, or two by two, gives the same events."""
    assert parse(pieces(body, size)) == expected_outcome(case)


@pytest.mark.parametrize(("case", "body"), REPLAYS)
def test_split_anywhere(case, body):
    """A body that comes in two reads gives the same events wherever it is split."""
    expected = expected_outcome(case)
    assert [point for point in split_points(body) if parse([body[:point], body[point:]]) != expected] == []


def test_every_event_is_out_before_the_end_of_the_body():
    """No event waits for the end of the body."""
    for case in CASES:
        parser = SSEParser()
        assert len(parser.receive_data(case.body)) == len(case.events), case.name


def test_names_are_unique():
    """Theme and name address one case."""
    assert len({(case.theme, case.name) for case in CASES}) == len(CASES)


def test_a_case_about_line_ends_is_replayed_as_written_only():
    """A body with CR in it is never rewritten."""
    case = next(case for case in CASES if case.name == "cr-cr-lf")
    assert case.bodies() == {"as written": case.body}


def test_any_other_case_is_replayed_with_all_line_ends():
    """A body with LF is replayed with LF, CRLF and CR."""
    case = next(case for case in CASES if case.theme == "data" and case.name == "data-alone")
    assert case.bodies() == {"LF": b"data\n\n", "CRLF": b"data\r\n\r\n", "CR": b"data\r\r"}


def test_messages_are_what_an_application_sees():
    """Comments, ids and reconnection times are left out of a case's messages."""
    case = next(case for case in CASES if case.name == "wire-order")
    assert [message.value for message in case.messages] == ["b"]
