from __future__ import annotations

import pytest

from pulsegate.harness.timing.arrival import Arrival


@pytest.mark.parametrize(("lag_ms", "late"), [(0, False), (5, False), (5.001, True), (200, True)])
def test_a_read_is_late_after_more_than_five_milliseconds(at, lag_ms, late):
    """Bytes that lay in the kernel for more than 5 ms were read late."""
    assert at(1000, lag_ms).late is late


def test_lag_is_never_negative():
    """A stamp after the read, from two clocks that disagree, is no lag."""
    assert Arrival(at_ns=2_000, read_at_ns=1_000, previous_ns=0, kernel=True).lag_ns == 0
