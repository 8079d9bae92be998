"""Sets of numbers, kept as ranges."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pulsegate.harness.timing.intervals import IntervalSet


def filled(*numbers: int) -> IntervalSet:
    """A set of these numbers, added in this order."""
    one = IntervalSet()
    for number in numbers:
        one.add(number)
    return one


@given(st.lists(st.integers(-30, 30)))
def test_it_is_a_set(numbers):
    """In any order it holds what a set holds, as the fewest ranges, and tells what was new."""
    one, plain = IntervalSet(), set()
    for number in numbers:
        assert one.add(number) is (number not in plain)
        plain.add(number)
    held = [number for first, last in one.ranges() for number in range(first, last + 1)]
    assert held == sorted(plain)
    assert len(one) == len(plain)
    assert all(first - 1 not in plain and last + 1 not in plain for first, last in one.ranges())
    assert all((number in one) is (number in plain) for number in range(-31, 32))


def test_a_million_in_order_are_one_range():
    """What has no hole costs no memory."""
    assert filled(*range(1_000_000)).ranges() == [(0, 999_999)]


def test_its_holes_lie_between_its_ends():
    """The holes are what is missing between the first and the last number."""
    assert list(filled(3, 4, 8, 9, 11).holes()) == [(5, 7), (10, 10)]
    assert list(filled(5).holes()) == []


def test_it_forgets_its_oldest_ranges():
    """Above the given number of ranges the lower half is forgotten."""
    one = filled(0, 2, 4, 6, 8)
    one.forget(5)
    assert len(one) == 5
    one.forget(4)
    assert one.ranges() == [(4, 4), (6, 6), (8, 8)]
    assert (len(one), one.first, one.last) == (3, 4, 8)
