"""Bands: how many samples were excellent, good or degraded, counted on the raw samples.

A histogram rounds, and 300.03 ms must not become 300.0. The limits are those documented for the
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


class BandCounter:
    """Counts samples by band; samples are in the unit of the limits."""

    __slots__ = ("degraded", "excellent", "good", "limits")

    def __init__(self, limits: BandLimits) -> None:
        self.limits = limits
        self.excellent = 0
        self.good = 0
        self.degraded = 0

    def add(self, value: float) -> None:
        """Count one sample."""
        if value < self.limits.excellent:
            self.excellent += 1
        elif value <= self.limits.good:
            self.good += 1
        else:
            self.degraded += 1

    def merge(self, other: BandCounter) -> None:
        """Add the counts of `other`; ValueError when its limits differ."""
        if other.limits != self.limits:
            raise ValueError(f"bands with different limits cannot be merged: {self.limits} and {other.limits}")
        self.excellent += other.excellent
        self.good += other.good
        self.degraded += other.degraded

    @property
    def count(self) -> int:
        """How many samples were counted."""
        return self.excellent + self.good + self.degraded

    @property
    def shares(self) -> Shares | None:
        """The share of each band; None when nothing was counted."""
        if not self.count:
            return None
        return Shares(self.excellent / self.count, self.good / self.count, self.degraded / self.count)
