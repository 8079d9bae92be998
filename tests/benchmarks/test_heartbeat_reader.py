"""How late heartbeats come."""

from __future__ import annotations

import pytest

from benchmarks.heartbeat_reader import Lateness, Stream

BEAT = b'data: {"type":"heartbeat"}\n\n'


def test_lateness_counts_from_the_first_event():
    """Beats at 1.002 s and 2.5 s after the first event are 2 ms and 500 ms late."""
    lateness = Lateness(1.0)
    stream = Stream(lateness)
    stream.take(b"HTTP/1.1 200 OK\r\n\r\n", 9.9)
    stream.take(b'data: {"type":"connection"}\n\n', 10.0)
    stream.take(BEAT, 11.002)
    stream.take(BEAT, 12.5)

    assert list(lateness.late_ms) == pytest.approx([2, 500])
    assert lateness.open == 1


def test_beats_that_come_together_are_each_late():
    """Two in one piece, when the second is due, make the first an interval late."""
    lateness = Lateness(1.0)
    stream = Stream(lateness)
    stream.take(b'data: {"type":"connection"}\n\n', 10.0)
    stream.take(BEAT + BEAT, 12.0)

    assert list(lateness.late_ms) == pytest.approx([1000, 0])


def test_what_came_before_is_forgotten_and_the_count_goes_on():
    """After `begin` only later beats are kept, still due by their number."""
    lateness = Lateness(1.0)
    stream = Stream(lateness)
    stream.take(b'data: {"type":"connection"}\n\n', 10.0)
    stream.take(BEAT, 11.5)
    lateness.begin()
    stream.take(BEAT, 12.001)

    assert list(lateness.late_ms) == pytest.approx([1])
