"""What is timed through a way counts only beside the same thing directly."""

from __future__ import annotations

from pulsegate.harness.proxy.holding import Arrived, Heard
from pulsegate.harness.proxy.observing import PATIENCE, Timings, _note

SILENCE = Heard(0, 1_500_000_000, ())
REFUSED = Heard(0, 1_000_000, (), "answered 502 text/html")


def heard(after_ms):
    return Heard(0, 9_000_000, (Arrived(int(after_ms * 1e6), 0),))


def test_both_ways_make_a_pair():
    """In milliseconds, item by item."""
    timings = Timings()
    _note(timings, heard(3), heard(2))
    assert (timings.through_ms, timings.direct_ms, timings.missing) == ([3.0], [2.0], 0)


def test_what_comes_directly_and_not_through_is_missing():
    """With the reason; a way is left out after some rounds."""
    timings = Timings()
    for _ in range(PATIENCE):
        assert timings.wanted
        _note(timings, REFUSED, heard(2))
    assert (timings.missing, timings.problem, timings.wanted) == (PATIENCE, "answered 502 text/html", False)


def test_a_target_that_is_silent_directly_is_not_charged_to_a_way():
    """Nothing is missing through it, and nobody goes on waiting."""
    timings = Timings()
    for through in (SILENCE, REFUSED):
        _note(timings, through, SILENCE)
    assert (timings.missing, timings.problem, timings.wanted) == (0, "", False)
