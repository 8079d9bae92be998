"""Measuring the interval between heartbeats, as far as the time allows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from statistics import median
from typing import Any

from pulsegate.harness.clients.stream import Stream
from pulsegate.harness.errors import PeerError
from pulsegate.harness.probing.findings import Heartbeat
from pulsegate.harness.timing.sse import Comment, Message
from pulsegate.harness.timing.stream import TimedEvent

#: Beats closer than this are no heartbeat, in seconds.
SHORTEST_S = 0.05
#: So many heartbeats are enough; two are, where that takes so long, in seconds.
FEW = 4
SLOW_S = 2.0

_BEATS = ("heartbeat", "ping", "keepalive", "keep-alive")
#: A measured interval this near to a round one, as a share of it, is taken for that one.
_NEAR = 0.04


async def listen(stream: Stream, seconds: float) -> Heartbeat | None:
    """Listen to an open stream until a few heartbeats have come, two where they are slow, at most for `seconds`."""
    with suppress(PeerError):  # what came until then is judged
        await stream.read_until(lambda _: _enough(_beats(stream.events)), seconds)
    return interval_of(stream.answered.at_ns if stream.answered else None, stream.events)


def interval_of(opened_ns: int | None, events: Sequence[TimedEvent]) -> Heartbeat | None:
    """The interval that `events` show: between beats, else from the opening (`opened_ns`) to the only one."""
    beats = _beats(events)
    if len(beats) > 1:
        measured_s = median(later - earlier for earlier, later in pairwise(beats)) / 1e9
        return Heartbeat(rounded(measured_s), f"measured: {measured_s:.2f} s between heartbeats")
    waited_s = (beats[0] - opened_ns) / 1e9 if beats and opened_ns is not None else 0.0
    if waited_s < SHORTEST_S:
        return None
    return Heartbeat(rounded(waited_s), f"one heartbeat came, {waited_s:.2f} s after the stream was opened")


def knows_user(stream: Stream) -> bool:
    """Whether the stream says that its caller is authenticated."""
    first = next((timed.event for timed in stream.events if isinstance(timed.event, Message)), None)
    told = _object(first.data) if first else {}
    inner = told.get("data")
    return (inner if isinstance(inner, dict) else told).get("authenticated") is True


def rounded(seconds: float) -> float:
    """The interval that was probably meant: the near whole, half or tenth of a second."""
    for step in (5.0, 1.0, 0.5, 0.1):
        near = round(seconds / step) * step
        if near and abs(near - seconds) <= _NEAR * near:
            return round(near, 3)
    return round(seconds, 3)


def _enough(beats: Sequence[int]) -> bool:
    return len(beats) >= FEW or (len(beats) > 1 and beats[-1] - beats[0] >= SLOW_S * 1e9)


def _beats(events: Sequence[TimedEvent]) -> list[int]:
    """When heartbeats came, in nanoseconds: those that are events, else the comments that keep the stream alive."""
    told = [timed.arrival.at_ns for timed in events if isinstance(timed.event, Message) and _is_beat(timed.event)]
    return told or [timed.arrival.at_ns for timed in events if isinstance(timed.event, Comment)]


def _is_beat(message: Message) -> bool:
    if message.type in _BEATS:
        return True
    return _object(message.data).get("type") in _BEATS


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
