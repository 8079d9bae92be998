"""What disruptions of ours answer for, out of literal timelines."""

from __future__ import annotations

from math import inf

import pytest

from pulsegate.harness.figures.caused import Window, caused
from pulsegate.harness.record import Moment


def course(name: str, *counts: int) -> list[Moment]:
    """A timeline whose seconds count this much of `name`."""
    return [Moment.model_validate({"at_s": at, name: count}) for at, count in enumerate(counts)]


@pytest.mark.parametrize("name", ["repeated", "interrupted", "requests_failed", "silent", "stalled"])
def test_a_disruption_answers_for_as_many_as_it_harmed(name: str) -> None:
    """Of seven in its seconds, it caused the three that it can have caused; the other four are the target's."""
    assert caused([Window(1.5, 2.0, {name: 3})], course(name, 0, 2, 5, 0)) == [{name: 3}]


def test_what_comes_at_another_time_is_the_targets() -> None:
    """The second before it, and the one after what it caused was booked, are not its own."""
    window = Window(2.0, 3.4, {"repeated": 100})

    assert caused([window], course("repeated", 7, 7, 0, 0, 0, 7)) == [{}]
    assert caused([window], course("repeated", 7, 7, 1, 2, 4, 7)) == [{"repeated": 7}]


def test_what_it_does_not_cause_is_the_targets() -> None:
    """A cut interrupts streams; events that are repeated while it lasts are none of its doing."""
    assert caused([Window(0.0, 4.0, {"interrupted": 5})], course("repeated", 0, 3, 3)) == [{}]


def test_nothing_is_counted_twice() -> None:
    """Two at one moment share what was seen; the first takes what it can."""
    windows = [Window(1.0, 1.0, {"repeated": 4}), Window(1.2, 1.2, {"repeated": 4})]

    assert caused(windows, course("repeated", 0, 5, 1, 9)) == [{"repeated": 4}, {"repeated": 2}]


def test_what_was_lost_and_came_after_all_is_nothing() -> None:
    """Events that are held are missing until they come."""
    assert caused([Window(1.0, 3.0, {"lost": None})], course("lost", 0, 6, 2, -8, 0)) == [{}]
    assert caused([Window(1.0, 3.0, {"lost": None})], course("lost", 0, 6, 2, -5, 0)) == [{"lost": 3}]


def test_one_that_goes_on_answers_until_the_end() -> None:
    """A stream that was left half-open may be found silent at any time."""
    assert caused([Window(1.0, inf, {"silent": 9})], course("silent", 3, 0, 0, 0, 8)) == [{"silent": 8}]


def test_one_that_was_not_begun_answers_for_nothing() -> None:
    """Its place in the list is kept."""
    windows = [None, Window(0.0, 0.0, {"late": None})]

    assert caused(windows, course("late", 2)) == [{}, {"late": 2}]


def test_wide_steps_are_taken_whole() -> None:
    """In a long run a step is wider than what lasts within it."""
    wide = [Moment(at_s=0, width_s=4, repeated=3), Moment(at_s=4, width_s=4, repeated=5)]

    assert caused([Window(2.5, 2.5, {"repeated": 10})], wide) == [{"repeated": 3}]
