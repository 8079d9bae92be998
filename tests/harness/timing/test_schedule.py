from __future__ import annotations

from itertools import islice, pairwise
from random import Random

import pytest

from pulsegate.harness.timing.schedule import due_times


def gaps(count: int, rate: float, arrivals: str) -> list[float]:
    moments = list(islice(due_times(rate, Random(7), arrivals), count))
    return [later - earlier for earlier, later in pairwise(moments)]


def test_constant_arrivals_are_evenly_spaced():
    """Every gap is one over the rate."""
    assert gaps(50, 4, "constant") == pytest.approx([0.25] * 49)


def test_constant_arrivals_begin_at_a_phase_of_their_own():
    """Two users do not ask in step."""
    first = next(due_times(1, Random(1), "constant"))
    other = next(due_times(1, Random(2), "constant"))

    assert first != other
    assert 0 <= first < 1
    assert 0 <= other < 1


def test_poisson_arrivals_keep_the_rate():
    """Over many arrivals the mean gap is one over the rate, and gaps differ."""
    found = gaps(20_000, 10, "poisson")

    assert sum(found) / len(found) == pytest.approx(0.1, rel=0.03)
    assert max(found) > 4 * min(found)


def test_the_same_seed_gives_the_same_moments():
    """A run can be repeated."""
    assert gaps(20, 3, "poisson") == gaps(20, 3, "poisson")


def test_a_rate_of_nothing_is_refused():
    """An open loop without a rate would never ask."""
    with pytest.raises(ValueError, match="above 0"):
        next(due_times(0, Random(1)))
