"""The judging of connection streams."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.sse import Message
from pulsegate.harness.timing.stream import EventStream, TimedEvent
from pulsegate.scenarios.contract.sse_tools import (
    cause_of_end,
    connection_of,
    connection_problem,
    disagreements,
    error_problem,
    given_away,
    heartbeat_problem,
    identity_cause,
    identity_problem,
    is_timestamp,
    json_problems,
    shared_reads,
    signed_in_as,
    steady_interval_s,
    transfer_problem,
)

MS = 1_000_000


def arrival(at_ms: int, *, lag_ms: int = 0) -> Arrival:
    """An arrival at a literal time."""
    return Arrival(at_ms * MS, (at_ms + lag_ms) * MS, 0, kernel=True)


def message(kind: str, name: str = "message", **data: Any) -> Message:
    """An event of the stream."""
    return Message(name, json.dumps({"type": kind, "data": data}), "")


def connection(**data: Any) -> Message:
    """The connection event of an anonymous caller, with other `data`."""
    return message("connection", **{"status": "connected", "authenticated": False, **data})


def heartbeat(**data: Any) -> Message:
    """A heartbeat of an anonymous stream, with other `data`."""
    return message("heartbeat", **{"timestamp": "now", "authenticated": False, **data})


def received(*reads: list[Message], lag_ms: int = 0) -> list[TimedEvent]:
    """Messages as they came, read by read, one second apart."""
    stream = EventStream()
    events: list[TimedEvent] = []
    for second, messages in enumerate(reads):
        data = "".join(f"event: {each.type}\ndata: {each.data}\n\n" for each in messages).encode()
        events += stream.receive_data(data, arrival(1000 * second, lag_ms=lag_ms))
    return events


@pytest.mark.parametrize(
    "text",
    [
        "now",
        "2026-11-21T10:00:00Z",
        "2026-11-21t10:00:00z",
        "2026-11-21 10:00:00.123456789+05:30",
        "2024-02-29T23:59:60-00:00",
    ],
)
def test_timestamps_with_an_offset_are_good(text: str) -> None:
    """RFC 3339 with any offset and fraction, and the documented literal, are timestamps."""
    assert is_timestamp(text)


@pytest.mark.parametrize(
    "value",
    ["", "Now", "2026-11-21T10:00:00", "2026-02-30T10:00:00Z", "2026-11-21", "1700000000", 1700000000, None,
     "2026-11-21T24:00:00Z", "2026-11-21T10:00:00+0530", "Sat, 21 Nov 2026 10:00:00 GMT"],
)  # fmt: skip
def test_anything_else_is_no_timestamp(value: object) -> None:
    """A local time, an impossible date and other formats are not."""
    assert not is_timestamp(value)


def test_the_connection_event_may_hold_more() -> None:
    """Members beyond the documented ones are free."""
    assert connection_problem(connection(user=None, stamp={"seq": 1})) is None


@pytest.mark.parametrize(
    "event",
    [
        connection(status="ok"),
        connection(authenticated="false"),
        connection(authenticated=None),
        message("heartbeat", authenticated=False),
        message("connection", name="connection", status="connected", authenticated=False),
        Message("message", "[]", ""),
        Message("message", "connected", ""),
    ],
)
def test_a_wrong_first_event_is_no_connection_event(event: Message) -> None:
    """Another type, another status, no boolean, a name, or no JSON object is a fault."""
    assert connection_problem(event) is not None


@pytest.mark.parametrize("user", [{}, {"user": None}])
def test_an_anonymous_caller_has_no_user(user: dict[str, Any]) -> None:
    """Without a token the user is absent or null."""
    assert identity_problem(connection(**user), None) is None


@pytest.mark.parametrize(
    ("data", "email"),
    [
        ({"user": "a@x"}, None),
        ({"authenticated": True}, None),
        ({"authenticated": True, "user": "b@x"}, "a@x"),
        ({"authenticated": True}, "a@x"),
        ({"user": "a@x"}, "a@x"),
    ],
)
def test_a_wrong_identity_is_a_fault(data: dict[str, Any], email: str | None) -> None:
    """The flag and the address both have to be the caller's."""
    assert identity_problem(connection(**data), email) is not None


def test_an_unread_token_is_told_from_another_user() -> None:
    """The cause says whether the token was ignored or taken for somebody else's."""
    assert identity_cause(connection()) == "not-read"
    assert identity_cause(connection(authenticated=True, user="b@x")) == "other-user"


@pytest.mark.parametrize(
    "event", [heartbeat(timestamp=5), heartbeat(timestamp="2026-11-21T10:00:00"), heartbeat(authenticated=0)]
)
def test_a_malformed_heartbeat_is_a_fault(event: Message) -> None:
    """A heartbeat needs a timestamp and a boolean."""
    assert heartbeat_problem(event) is not None


def test_a_heartbeat_without_data_is_still_a_heartbeat() -> None:
    """A heartbeat is known by its type, so that its missing data is noticed."""
    assert heartbeat_problem(Message("message", '{"type":"heartbeat"}', "")) is not None


def test_one_flipped_flag_among_many_is_found() -> None:
    """A single heartbeat that disagrees with the connection event is named."""
    events = received([connection()], *[[heartbeat()]] * 5, [heartbeat(authenticated=True)], [heartbeat()])

    assert disagreements(events) == ["heartbeat 6 says True, the connection event False"]


def test_two_heartbeats_in_one_read_are_charged() -> None:
    """Heartbeats that came together were held back on the way."""
    events = received([connection()], [heartbeat()], [heartbeat(), heartbeat()])

    assert shared_reads(events) == (["2 heartbeats in one read"], 0)


def test_a_late_reader_is_excused() -> None:
    """Where the reader itself was late, coming together proves nothing."""
    events = received([connection()], [heartbeat(), heartbeat()], lag_ms=50)

    assert shared_reads(events) == ([], 1)


def test_a_heartbeat_with_the_connection_event_is_allowed() -> None:
    """A first heartbeat may be sent at once."""
    assert shared_reads(received([connection(), heartbeat()], [heartbeat()])) == ([], 0)


@pytest.mark.parametrize(
    ("headers", "cause"),
    [
        ([], ""),
        ([("Content-Encoding", "identity"), ("Transfer-Encoding", "chunked")], ""),
        ([("Content-Encoding", "gzip")], "compressed"),
        ([("Content-Length", "100")], "fixed-length"),
    ],
)
def test_compression_and_length_are_faults(headers: list[tuple[str, str]], cause: str) -> None:
    """A compressed or measured answer cannot be live."""
    assert transfer_problem(Headers(headers))[0] == cause


@pytest.mark.parametrize(
    ("ended", "silence_s", "interval_s", "cause"),
    [
        ("cut", 12.0, 30.0, "cut-in-silence"),  # an impatient firewall
        ("clean", 20.0, 30.0, "cut-in-silence"),
        ("cut", 60.0, 120.0, "cut-in-silence"),
        ("cut", 60.1, 45.0, "cut-in-silence"),  # the proxy's patience, after the server had fallen silent
        ("clean", 90.0, 30.0, "cut-in-silence"),
        ("cut", 60.0, 60.0, "cut-in-silence"),  # the interval was raised to what the proxy waits
        ("clean", 60.0, 60.0, "ended"),  # a heartbeat was due
        ("clean", 0.0, 30.0, "ended"),
        ("clean", 29.5, 30.0, "ended"),
        ("reset", 0.1, 30.0, "broken-off"),
        ("cut", 30.1, 30.0, "broken-off"),
    ],
)
def test_impatience_is_told_from_a_server_that_ends_its_stream(
    ended: str, silence_s: float, interval_s: float, cause: str
) -> None:
    """A proxy loses patience in silence, before anything is due or at a round time; a server ends when it sends."""
    assert cause_of_end(ended, silence_s, interval_s, 0.2) == cause


@pytest.mark.parametrize(
    ("gaps_ms", "interval_s"),
    [
        ([15_010, 14_990, 15_000], 15.0),
        ([500, 510, 490], 0.5),
        ([600, 1400, 600, 1400], None),
        ([1000, 1000, 1600], None),
        ([15_000], None),
        ([], None),
    ],
)
def test_a_steady_interval_is_recognised(gaps_ms: list[float], interval_s: float | None) -> None:
    """Heartbeats at another interval than advertised are told from irregular ones."""
    assert steady_interval_s(gaps_ms) == interval_s


def test_the_token_of_anybody_is_given_away() -> None:
    """A token that belongs to none of the users is found as well, and a user's own is named once."""
    other = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzZXJ2aWNlIn0.c2lnbmF0dXJl"
    stream = f": fetched with {other}\n\n"

    assert given_away(stream.encode(), [], {}) == [f"a token of somebody: {other[:24]!r}..."]
    assert given_away(stream.encode(), [], {"alice": other}) == ["the token of alice"]


def test_data_that_is_no_json_is_found() -> None:
    """NaN is no JSON, whatever Python thinks of it."""
    events = received([connection(), Message("message", '{"type":"x","data":NaN}', "")])

    assert len(json_problems(events)) == 1


ERROR = message("error", message="It failed.")


@pytest.mark.parametrize("ended", ["clean", "eof"])
def test_a_reported_failure_is_no_fault(ended: str) -> None:
    """An error event at the end of a stream that ends properly is what is asked for."""
    assert error_problem(received([connection()], [heartbeat()], [ERROR]), ended) == ("", "")


@pytest.mark.parametrize(
    ("messages", "ended", "cause"),
    [
        ([connection()], "clean", "no-event"),
        ([connection(), message("error", "error", message="It failed.")], "clean", "named"),
        ([connection(), message("error")], "clean", ""),
        ([connection(), message("error", message=" ")], "clean", ""),
        ([connection(), ERROR, heartbeat()], "clean", "went-on"),
        ([connection(), ERROR, ERROR], "clean", "went-on"),
        ([connection(), ERROR], None, "went-on"),
        ([connection(), ERROR], "cut", "aborted"),
        ([connection(), ERROR], "reset", "aborted"),
    ],
)
def test_a_badly_reported_failure_is_a_fault(messages: list[Message], ended: str | None, cause: str) -> None:
    """No event, no text, an event after it, no end, or a cut each have their cause."""
    found_cause, sentence = error_problem(received(messages), ended)

    assert (found_cause, bool(sentence)) == (cause, True)


def test_escaped_internals_are_found() -> None:
    """A path that JSON escapes is found once unescaped."""
    body = b'data: {"type":"error","data":{"message":"in \\/srv\\/app\\/main.py"}}\n\n'
    events = EventStream().receive_data(body, arrival(0))

    assert any("path" in found for found in given_away(body, events, {}))


def test_a_plain_error_gives_nothing_away() -> None:
    """A sentence for the user is no leak, nor is the user's own address."""
    events = received([connection(authenticated=True, user="alice@example.com"), ERROR])
    body = b"".join(f"data: {each.event.data}\n\n".encode() for each in events if isinstance(each.event, Message))

    assert given_away(body, events, {"alice": "x" * 40}) == []


def test_the_connection_event_is_found_wherever_it_stands():
    """A connection event that comes second, or has a name, is still the one that says who the caller is."""
    second = connection(authenticated=True, user="alice@example.com")
    assert connection_of(received([heartbeat()], [second], [connection()])) == second
    named = message("connection", "greeting", authenticated=True, user="alice@example.com")
    assert identity_problem(named, "alice@example.com") is None
    assert connection_of(received([heartbeat()])) is None


def test_without_a_boolean_there_is_nothing_to_disagree_with():
    """A connection event or a heartbeat without a flag is not a contradiction."""
    assert disagreements(received([connection(authenticated=None)], [heartbeat()])) == []
    assert disagreements(received([connection()], [heartbeat(authenticated=None)])) == []
    assert disagreements(received([heartbeat()])) == []


def test_only_true_means_signed_in():
    """Who is not called authenticated, or named, is anonymous."""
    assert signed_in_as(connection(authenticated=True, user="bob@example.com")) == (True, "bob@example.com")
    assert signed_in_as(connection(authenticated="true")) == (False, None)
    assert signed_in_as(heartbeat(authenticated=True)) == (False, None)
    assert signed_in_as(None) == (False, None)
