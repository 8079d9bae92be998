"""Change points in a series of sessions."""

from __future__ import annotations

from random import Random

from pulsegate.harness.gate.history import change_points


def test_a_step_is_found_where_it_is():
    """Twenty sessions at one level, twenty at another."""
    random = Random(1)
    series = [random.gauss(4.0, 0.03) for _ in range(20)] + [random.gauss(4.2, 0.03) for _ in range(20)]
    [change] = change_points(series)
    assert abs(change.index - 20) <= 1
    assert change.p < 0.01
    assert change.before < 4.1 < change.after


def test_two_steps_are_two_changes():
    """Up and down again."""
    random = Random(2)
    series = [random.gauss(level, 0.02) for level in [1.0] * 15 + [1.3] * 15 + [1.0] * 15]
    first, second = change_points(series)
    assert abs(first.index - 15) <= 1
    assert abs(second.index - 30) <= 1


def test_one_wild_session_is_no_change():
    """Ranks do not care how far off it is."""
    series = [1.0, 1.01, 0.99, 1.0, 1.02, 0.98, 50.0, 1.0, 1.01, 0.99, 1.0, 1.02]
    assert change_points(series) == []


def test_noise_alone_is_seldom_a_change():
    """Of 300 series without a change, hardly any has one."""
    random = Random(3)
    assert sum(bool(change_points([random.gauss(0, 1) for _ in range(30)])) for _ in range(300)) <= 6


def test_a_short_series_says_nothing():
    """A level is the word of at least four sessions."""
    assert change_points([1.0, 1.0, 1.0, 9.0, 9.0, 9.0, 9.0]) == []
    assert change_points([]) == []
