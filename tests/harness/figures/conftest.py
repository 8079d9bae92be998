"""Seconds of load processes, made of literal samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pulsegate.harness.figures import metrics
from pulsegate.harness.figures.seconds import Counters, Second
from pulsegate.harness.profile import Profile
from pulsegate.harness.timing.series import Series

MakeSecond = Callable[..., Second]


@pytest.fixture
def second() -> MakeSecond:
    """Makes a closed second: `samples` by metric in the metric's unit, `counts` by name, fields of Second."""

    def make(
        worker: str = "generator",
        at: int = 1_000,
        samples: dict[str, list[float]] | None = None,
        profile: Profile | None = None,
        counts: dict[str, int] | None = None,
        **fields: Any,
    ) -> Second:
        slices = {}
        for name, values in (samples or {}).items():
            series = Series(metrics.metric(name, profile or Profile()))
            for value in values:
                series.add(round(value * 1_000_000))
            slices[name] = series.close()
        return Second(worker=worker, at=at, slices=slices, counters=Counters(**(counts or {})), **fields)

    return make
