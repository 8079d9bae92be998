"""Bands: how many samples were excellent, good or degraded, counted on the raw samples.

They are judged on the raw samples (``timing.series``): a histogram rounds, and 300.03 ms must not
become 300.0. The limits are those documented for the
benchmarks of the real-time features (BENCH).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType

from pulsegate.harness.errors import UsageError


@dataclass(frozen=True, slots=True)
class BandLimits:
    """Excellent below `excellent`, good from there up to and including `good`, degraded above.

    Both are in `unit`. Raises UsageError unless 0 < `excellent` <= `good`.
    """

    unit: str
    excellent: float
    good: float

    def __post_init__(self) -> None:
        if not (isfinite(self.good) and 0 < self.excellent <= self.good):
            raise UsageError(
                f"a band needs 0 < excellent <= good, but excellent is {self.excellent} and good is {self.good}"
            )


#: The documented benchmarks; `update_frequency` is per client.
DOCUMENTED_BANDS: Mapping[str, BandLimits] = MappingProxyType(
    {
        "connection_latency": BandLimits("ms", 100, 300),
        "update_frequency": BandLimits("/s", 60, 120),
        "memory": BandLimits("MB", 50, 100),
        "render_time": BandLimits("ms", 16, 33),
    }
)


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of samples in each band; together 1."""

    excellent: float
    good: float
    degraded: float
