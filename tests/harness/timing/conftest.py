from __future__ import annotations

from collections.abc import Callable

import pytest

from pulsegate.harness.timing.arrival import Arrival

NS_PER_MS = 1_000_000


@pytest.fixture
def at() -> Callable[..., Arrival]:
    """Makes an arrival from milliseconds: when, and how much later it was read."""

    def arrival(at_ms: float, lag_ms: float = 0.0) -> Arrival:
        at_ns = round(at_ms * NS_PER_MS)
        return Arrival(at_ns, read_at_ns=at_ns + round(lag_ms * NS_PER_MS), previous_ns=0, kernel=True)

    return arrival
