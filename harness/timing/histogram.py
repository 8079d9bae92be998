"""A distribution of durations that merges without loss.

Values are integer microseconds, counted to three significant digits from 1 us to 1 h: 0.1 % at most is
lost on any percentile and nothing at all on a merge. The smallest and the largest value are kept
exactly beside. Bands are not judged here (300.03 ms counts as 300.0): see ``timing.bands``.

hdrhistogram is untyped and used in this file only.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import ceil
from typing import Any

from hdrh.codec import HdrCookieException, HdrHistogramEncoder, HdrLengthException
from hdrh.histogram import HdrHistogram

from pulsegate.harness.errors import RecordError

LOWEST_US = 1
HIGHEST_US = 3_600_000_000
DIGITS = 3

_BATCH = 4096
_UNREADABLE = (ValueError, TypeError, IndexError, zlib.error, HdrCookieException, HdrLengthException)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a report says of one distribution, in the unit that was asked for."""

    count: int
    min: float
    p50: float
    p90: float
    p95: float
    p99: float
    p999: float
    max: float


class Histogram:
    """Counts of durations in integer microseconds.

    `add` only buffers; everything that reads first counts what is buffered. Values out of range are
    counted at its nearest end and in `clamped`; the exact minimum and maximum still show them.
    """

    __slots__ = ("_buffer", "_clamped", "_counted", "_maximum", "_minimum")

    def __init__(self) -> None:
        self._buffer = array("q")
        self._counted: Any = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
        self._clamped = 0
        self._minimum: int | None = None
        self._maximum: int | None = None

    def add(self, value_us: int) -> None:
        """Count one value."""
        self._buffer.append(value_us)
        if len(self._buffer) >= _BATCH:
            self.flush()

    def extend(self, values_us: Iterable[int]) -> None:
        """Count many values."""
        self._buffer.extend(values_us)
        if len(self._buffer) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Count what is buffered."""
        if not self._buffer:
            return
        self._widen(min(self._buffer), max(self._buffer))
        for value, count in Counter(self._buffer).items():
            within = min(max(value, 0), HIGHEST_US)
            if within != value:
                self._clamped += count
            self._counted.record_value(within, count)
        del self._buffer[:]

    def merge(self, other: Histogram) -> None:
        """Add all that `other` counted; the same as if every value had been added here."""
        self.flush()
        other.flush()
        if other._minimum is None or other._maximum is None:
            return
        self._counted.add(other._counted)
        self._clamped += other._clamped
        self._widen(other._minimum, other._maximum)

    @property
    def count(self) -> int:
        """How many values were added."""
        total: int = self._counted.get_total_count()
        return total + len(self._buffer)

    @property
    def minimum(self) -> int | None:
        """The smallest value, exactly; None without any."""
        self.flush()
        return self._minimum

    @property
    def maximum(self) -> int | None:
        """The largest value, exactly; None without any."""
        self.flush()
        return self._maximum

    @property
    def clamped(self) -> int:
        """How many values were below 0 or above 1 h."""
        self.flush()
        return self._clamped

    def percentiles(self, *percentages: float) -> list[int]:
        """The values, in microseconds, that these shares of all values do not exceed (nearest rank).

        Each is at most 0.1 % above the true one, and never outside minimum and maximum.
        Raises ValueError when nothing was added.
        """
        self.flush()
        if self._minimum is None or self._maximum is None:
            raise ValueError("an empty histogram has no percentiles")
        cumulative = list(accumulate(self._counted.counts))
        values = []
        for percentage in percentages:
            # as a fraction, because in floats 99.9 % of 41000 is a little over 40959
            rank = max(1, ceil(Fraction(str(percentage)) * cumulative[-1] / 100))
            index = bisect_left(cumulative, rank)
            value = self._counted.get_highest_equivalent_value(self._counted.get_value_from_index(index))
            values.append(min(max(value, self._minimum), self._maximum))
        return values

    def summary(self, *, per_unit: float = 1000.0) -> Summary:
        """Count, extremes and the usual percentiles, divided by `per_unit` (1000 for milliseconds).

        Raises ValueError when nothing was added.
        """
        figures = self.percentiles(50, 90, 95, 99, 99.9)
        assert self._minimum is not None
        assert self._maximum is not None
        p50, p90, p95, p99, p999 = (figure / per_unit for figure in figures)
        return Summary(self.count, self._minimum / per_unit, p50, p90, p95, p99, p999, self._maximum / per_unit)

    def encode(self) -> str:
        """The counts as HdrHistogram V2, compressed, base64; `minimum`, `maximum` and `clamped` go beside it."""
        self.flush()
        encoded: bytes = self._counted.encode()
        return encoded.decode("ascii")

    @classmethod
    def decode(
        cls, encoded: str, *, minimum: int | None = None, maximum: int | None = None, clamped: int = 0
    ) -> Histogram:
        """Read what `encode` wrote; RecordError when it is damaged or has another range or precision.

        Without the exact extremes, those of the counts are taken.
        """
        histogram = cls()
        try:
            payload = HdrHistogramEncoder.decode(encoded)
            settings = payload.payload
            found = (
                settings.lowest_trackable_value,
                settings.highest_trackable_value,
                settings.significant_figures,
            )
            if found != (LOWEST_US, HIGHEST_US, DIGITS):
                raise RecordError("a histogram has another range or precision than Pulsegate's: 1 us to 1 h, 3 digits")
            counted = HdrHistogram(*found, hdr_payload=payload)
        except _UNREADABLE as problem:
            raise RecordError(f"a histogram cannot be decoded: {problem or type(problem).__name__}") from None
        histogram._counted = counted
        histogram._clamped = clamped
        if histogram.count:
            histogram._widen(
                counted.get_min_value() if minimum is None else minimum,
                counted.get_max_value() if maximum is None else maximum,
            )
        return histogram

    def _widen(self, smallest: int, largest: int) -> None:
        self._minimum = smallest if self._minimum is None else min(self._minimum, smallest)
        self._maximum = largest if self._maximum is None else max(self._maximum, largest)
