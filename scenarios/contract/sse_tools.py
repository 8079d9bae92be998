"""Judging the connection and heartbeat stream: pure functions over what was received."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from statistics import median
from typing import Any

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.timing.sse import Comment, Message
from pulsegate.harness.timing.stream import TimedEvent
from pulsegate.scenarios.contract.leaks import any_tokens, internal_details, token_leaks
from pulsegate.scenarios.contract.stream_tools import parse_json, parse_object, shorten, strings_of

UNNAMED = "message"

#: Ends that a client cannot tell from a proper one: the last chunk, or the close that delimits the body.
CLEAN_ENDS = ("clean", "eof")

_RFC3339 = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
)


def messages_of(events: Iterable[TimedEvent]) -> list[Message]:
    """The messages among `events`, in order."""
    return [timed.event for timed in events if isinstance(timed.event, Message)]


def payload_of(message: Message, kind: str) -> Any:
    """The ``data`` member of an unnamed message of type `kind`; None when it is another message."""
    body = parse_object(message.data) if message.type == UNNAMED else None
    if body is None or body.get("type") != kind:
        return None
    return {} if body.get("data") is None else body["data"]


def heartbeats_of(events: Iterable[TimedEvent]) -> list[TimedEvent]:
    """The heartbeats among `events`, in order, well formed or not."""
    return [
        timed
        for timed in events
        if isinstance(timed.event, Message) and payload_of(timed.event, "heartbeat") is not None
    ]


def is_timestamp(value: object) -> bool:
    """Whether `value` is an RFC 3339 date and time with an offset, or the literal ``now``."""
    if not isinstance(value, str):
        return False
    match = _RFC3339.fullmatch(value)
    if match is None:
        return value == "now"
    try:
        date(*(int(part) for part in match.groups()[:3]))
    except ValueError:
        return False
    return True


def connection_of(events: Iterable[TimedEvent]) -> Message | None:
    """The first connection event, wherever it stands and whether it is named or not."""
    for message in messages_of(events):
        body = parse_object(message.data)
        if body is not None and body.get("type") == "connection":
            return message
    return None


def connection_data(message: Message) -> Any:
    """The ``data`` member of a connection event, named or not; None when it is another message."""
    return payload_of(replace(message, type=UNNAMED), "connection")


def connection_problem(message: Message) -> str | None:
    """What is wrong with `message` as the connection event, if anything."""
    shown = shorten(message.data)
    if message.type != UNNAMED:
        return f"an event named {message.type!r}: {shown}"
    body = parse_object(message.data)
    if body is None or body.get("type") != "connection" or not isinstance(body.get("data"), dict):
        return f"the first event is {shown}"
    data = body["data"]
    if data.get("status") != "connected":
        return f"data.status is {data.get('status')!r}"
    if not isinstance(data.get("authenticated"), bool):
        return f"data.authenticated is {data.get('authenticated')!r}, no boolean"
    return None


def identity_problem(message: Message, email: str | None) -> str | None:
    """How the connection event fails to name `email` (None: an anonymous caller), if it does."""
    data = connection_data(message)
    if not isinstance(data, dict):
        return f"no connection event but {shorten(message.data)}"
    authenticated, user = data.get("authenticated"), data.get("user")
    if email is None:
        wrong = authenticated is not False or user is not None
    else:
        wrong = authenticated is not True or user != email
    return f"authenticated {authenticated!r}, user {user!r}" if wrong else None


def signed_in_as(message: Message | None) -> tuple[bool, Any]:
    """Whether a connection event says that the caller is signed in, and as whom."""
    data = connection_data(message) if message else None
    return (data.get("authenticated") is True, data.get("user")) if isinstance(data, dict) else (False, None)


def identity_cause(message: Message) -> str:
    """Which documented cause fits a valid token that the connection event did not honour; empty for none."""
    data = connection_data(message)
    if not isinstance(data, dict):
        return ""
    if data.get("authenticated") is False:
        return "not-read"
    return "other-user" if isinstance(data.get("user"), str) else ""


def heartbeat_problem(message: Message) -> str | None:
    """What is wrong with the shape of a heartbeat, if anything."""
    data = payload_of(message, "heartbeat")
    if not isinstance(data, dict):
        return f"the heartbeat's data is no object: {shorten(message.data)}"
    if not is_timestamp(data.get("timestamp")):
        return f"timestamp {data.get('timestamp')!r} is neither RFC 3339 with an offset nor the literal now"
    if not isinstance(data.get("authenticated"), bool):
        return f"data.authenticated is {data.get('authenticated')!r}, no boolean"
    return None


def disagreements(events: Sequence[TimedEvent]) -> list[str]:
    """The heartbeats whose ``authenticated`` is not that of the stream's connection event.

    Without a boolean on either side there is nothing to compare; SSE-6 and SSE-11 tell of that.
    """
    opening = connection_of(events)
    data = connection_data(opening) if opening else None
    said = data.get("authenticated") if isinstance(data, dict) else None
    if not isinstance(said, bool):
        return []
    wrong = []
    for number, beat in enumerate(heartbeats_of(events), start=1):
        data = payload_of(beat.event, "heartbeat") if isinstance(beat.event, Message) else None
        told = data.get("authenticated") if isinstance(data, dict) else None
        if isinstance(told, bool) and told is not said:
            wrong.append(f"heartbeat {number} says {told!r}, the connection event {said!r}")
    return wrong


def shared_reads(events: Sequence[TimedEvent]) -> tuple[list[str], int]:
    """Heartbeats that came together in one read, and how many such reads were the reader's own lateness."""
    by_read: dict[int, list[TimedEvent]] = {}
    for beat in heartbeats_of(events):
        by_read.setdefault(beat.read, []).append(beat)
    several = {read: beats for read, beats in by_read.items() if len(beats) > 1}
    late = sum(1 for beats in several.values() if beats[0].arrival.late)
    charged = [beats for beats in several.values() if not beats[0].arrival.late]
    return [f"{len(beats)} heartbeats in one read" for beats in charged], late


def transfer_problem(headers: Headers) -> tuple[str, str]:
    """Why events cannot arrive when produced: the documented cause and a sentence; empty if they can."""
    encoding = (headers.get("content-encoding") or "identity").strip().lower()
    if encoding != "identity":
        return "compressed", f"Content-Encoding: {encoding}"
    if "content-length" in headers:
        return "fixed-length", f"Content-Length: {headers.get('content-length')}"
    return "", ""


def json_problems(events: Iterable[TimedEvent]) -> list[str]:
    """The messages whose data is not JSON."""
    wrong = []
    for message in messages_of(events):
        try:
            parse_json(message.data)
        except (ValueError, RecursionError):
            wrong.append(f"not JSON: {shorten(message.data)!r}")
    return wrong


def error_problem(events: Sequence[TimedEvent], ended: str | None) -> tuple[str, str]:
    """How a failing stream fails to report it: the documented cause and a sentence; empty if it does report it."""
    messages = messages_of(events)
    places = [place for place, message in enumerate(messages) if payload_of(message, "error") is not None]
    if not places and any(payload_of(replace(message, type=UNNAMED), "error") is not None for message in messages):
        return "named", "the error event has a name (an `event:` line)"
    if not places:
        return "no-event", f"no error event among {len(messages)} events; the stream {how_it_ended(ended)}"
    data = payload_of(messages[places[0]], "error")
    text = data.get("message") if isinstance(data, dict) else None
    if not isinstance(text, str) or not text.strip():
        return "", f"data.message is {text!r}"
    after = messages[places[0] + 1 :]
    if after or ended is None:
        told = f"after the error came {shorten(after[0].data)}" if after else "the stream stayed open after the error"
        return "went-on", told
    if ended not in CLEAN_ENDS:
        return "aborted", f"the stream {how_it_ended(ended)} after the error"
    return "", ""


def how_it_ended(ended: str | None) -> str:
    """A stream's end in words."""
    words = {
        "clean": "ended",
        "eof": "ended (the connection was closed)",
        "cut": "was cut before its end",
        "reset": "was reset",
        "broken": "broke the protocol",
    }
    return "stayed open" if ended is None else words.get(ended, ended)


#: Patience that proxies and load balancers are given by default or by habit, in seconds.
_USUAL_TIMEOUTS_S = (60.0, 90.0)


def cause_of_end(ended: str, silence_s: float, interval_s: float, tolerance: float) -> str:
    """The documented cause that fits a stream which ended after `silence_s` without a byte.

    A proxy or a firewall loses patience while nothing comes; a server ends a stream when it wants to send, or just has.
    """
    clean = ended in CLEAN_ENDS
    due = abs(silence_s - interval_s) <= tolerance * interval_s
    usual = any(abs(silence_s - timeout) < 1 for timeout in _USUAL_TIMEOUTS_S)
    early = 0.25 * interval_s < silence_s < interval_s and not due
    if early or (usual and not (due and clean)):
        return "cut-in-silence"
    return "ended" if clean else "broken-off"


def steady_interval_s(gaps_ms: Sequence[float]) -> float | None:
    """The interval that all gaps keep, whatever it is; None when they keep none, or are too few to tell."""
    if len(gaps_ms) < 2:
        return None
    middle = median(gaps_ms)
    return middle / 1000 if all(abs(gap - middle) <= 0.1 * middle + 50 for gap in gaps_ms) else None


def given_away(body: bytes, events: Iterable[TimedEvent], tokens: Mapping[str, str]) -> list[str]:
    """Tokens and internals in a stream's raw bytes, and in its texts once unescaped."""
    texts = [body.decode("utf-8", "replace")]
    for timed in events:
        if isinstance(timed.event, Comment):
            texts.append(timed.event.text)
        elif isinstance(timed.event, Message):
            texts.extend(strings_of(parse_object(timed.event.data)))
    found: dict[str, None] = {}
    for text in texts:
        found |= dict.fromkeys((token_leaks(text, tokens) or any_tokens(text)) + internal_details(text))
    return list(found)
