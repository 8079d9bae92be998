"""A distribution of non-negative integers that merges without loss.

The buckets are HdrHistogram's for three significant digits from 1 to 3.6 thousand million (1 us to 1 h
when the integers are microseconds), kept sparsely: a metric of a quiet second holds a few hundred
counts, not the 188 kB of the whole range. A percentile is the middle of its bucket, so at most 0.05 % away
from the sample; a merge loses nothing; the smallest and largest value are kept exactly beside. Bands
are not judged here (300.03 ms would count as 300.0): see ``timing.series``.

`encode` writes HdrHistogram's own V2 format, which its libraries in all languages read.
"""

from __future__ import annotations

import base64
import struct
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from pulsegate.harness.errors import RecordError

LOWEST = 1
HIGHEST = 3_600_000_000
DIGITS = 3

#: Three digits need 2 x 10^3 steps; HdrHistogram takes the next power of two.
_STEP_BITS = 11
_HALF = 1 << (_STEP_BITS - 1)
_BUCKETS = (HIGHEST.bit_length() - _STEP_BITS + 2) * _HALF

_COUNTS_COOKIE = 0x1C849313
_COMPRESSED_COOKIE = 0x1C849314
#: Cookie, length of the counts, offset, digits, lowest, highest, conversion ratio.
_HEADER = struct.Struct(">iiiiqqd")
_ENVELOPE = struct.Struct(">ii")
#: No honest payload is larger: each bucket's count takes nine bytes at most.
_LARGEST_PAYLOAD = _HEADER.size + 9 * _BUCKETS


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
    """Counts of integers; values out of range are counted at its nearest end and in `clamped`."""

    __slots__ = ("_counts", "clamped", "count", "maximum", "minimum")

    def __init__(self, values: Iterable[int] = ()) -> None:
        self._counts: Counter[int] = Counter()
        #: How many values were counted.
        self.count = 0
        #: How many of them were below 0 or above the highest that is kept apart.
        self.clamped = 0
        #: The smallest and the largest value, exactly; None without any.
        self.minimum: int | None = None
        self.maximum: int | None = None
        self.extend(values)

    def extend(self, values: Iterable[int]) -> None:
        """Count many values."""
        distinct = Counter(values)
        if not distinct:
            return
        self._widen(min(distinct), max(distinct))
        counts = self._counts
        for value, count in distinct.items():
            if not 0 <= value <= HIGHEST:
                self.clamped += count
                value = min(max(value, 0), HIGHEST)  # noqa: PLW2901 - from here on it is what is counted
            shift = max(0, value.bit_length() - _STEP_BITS)
            counts[(shift << (_STEP_BITS - 1)) + (value >> shift)] += count
        self.count += distinct.total()

    def extend_sorted(self, fine: Sequence[int], per_step: int) -> None:
        """Count ascending values of which `per_step` make one: the same as `extend` with each rounded, half up.

        Goes from bucket to bucket instead of from value to value: a second of a load holds many values in few buckets.
        """
        half = per_step // 2
        at = bisect_left(fine, -half)
        end = bisect_left(fine, (HIGHEST + 1) * per_step - half)
        self.extend((one + half) // per_step for one in (*fine[:at], *fine[end:]))
        if at == end:
            return
        self._widen((fine[at] + half) // per_step, (fine[end - 1] + half) // per_step)
        self.count += end - at
        while at < end:
            value = (fine[at] + half) // per_step
            shift = max(0, value.bit_length() - _STEP_BITS)
            step = value >> shift
            following = bisect_left(fine, ((step + 1) << shift) * per_step - half, at, end)
            self._counts[(shift << (_STEP_BITS - 1)) + step] += following - at
            at = following

    def merge(self, other: Histogram) -> None:
        """Add all that `other` counted; the same as if every value had been added here."""
        if other.minimum is None or other.maximum is None:
            return
        self._counts.update(other._counts)
        self.count += other.count
        self.clamped += other.clamped
        self._widen(other.minimum, other.maximum)

    def percentiles(self, *percentages: float) -> list[int]:
        """The samples at these percentages (nearest rank), each within 0.05 %.

        Never outside minimum and maximum; the last of all samples is exact. Raises ValueError when nothing was counted.
        """
        if self.minimum is None or self.maximum is None:
            raise ValueError("an empty histogram has no percentiles")
        # as fractions, because in floats 99.9 % of 41000 is a little over 40959
        ranks = [max(1, ceil(Fraction(str(percentage)) * self.count / 100)) for percentage in percentages]
        found: dict[int, int] = {}
        wanted = sorted(set(ranks))
        seen = 0
        for bucket, count in sorted(self._counts.items()):
            seen += count
            while wanted and wanted[0] <= seen:
                found[wanted.pop(0)] = min(max(_middle(bucket), self.minimum), self.maximum)
        found[self.count] = self.maximum
        return [found[rank] for rank in ranks]

    def summary(self, *, per_unit: float = 1000.0) -> Summary:
        """Count, extremes and the usual percentiles, divided by `per_unit` (1000: microseconds to milliseconds).

        Raises ValueError when nothing was counted.
        """
        p50, p90, p95, p99, p999 = (value / per_unit for value in self.percentiles(50, 90, 95, 99, 99.9))
        assert self.minimum is not None
        assert self.maximum is not None
        return Summary(self.count, self.minimum / per_unit, p50, p90, p95, p99, p999, self.maximum / per_unit)

    def steps(self) -> list[tuple[int, int]]:
        """The middle value and the count of each bucket that holds any, ascending: for plots."""
        return [(_middle(bucket), count) for bucket, count in sorted(self._counts.items())]

    def encode(self) -> str:
        """The counts as HdrHistogram V2, compressed, base64; extremes and `clamped` go beside it."""
        counts = bytes(_zigzags(sorted(self._counts.items())))
        header = _HEADER.pack(_COUNTS_COOKIE, len(counts), 0, DIGITS, LOWEST, HIGHEST, 1.0)
        compressed = zlib.compress(header + counts, 1)
        return base64.b64encode(_ENVELOPE.pack(_COMPRESSED_COOKIE, len(compressed)) + compressed).decode("ascii")

    @classmethod
    def decode(
        cls, encoded: str, *, minimum: int | None = None, maximum: int | None = None, clamped: int = 0
    ) -> Histogram:
        """Read what `encode` wrote; RecordError when it is damaged or has another range or precision.

        Without the exact extremes, those of the counts are taken.
        """
        histogram = cls()
        histogram._counts = Counter(_buckets(_payload(encoded)))
        histogram.count = histogram._counts.total()
        histogram.clamped = clamped
        if histogram.count:
            first, last = min(histogram._counts), max(histogram._counts)
            histogram._widen(
                _middle(first) if minimum is None else minimum,
                _middle(last) if maximum is None else maximum,
            )
        return histogram

    def _widen(self, smallest: int, largest: int) -> None:
        self.minimum = smallest if self.minimum is None else min(self.minimum, smallest)
        self.maximum = largest if self.maximum is None else max(self.maximum, largest)


def _middle(bucket: int) -> int:
    shift = max(0, (bucket >> (_STEP_BITS - 1)) - 1)
    lowest = (bucket - (shift << (_STEP_BITS - 1))) << shift
    return lowest + ((1 << shift) >> 1)


def _zigzags(items: list[tuple[int, int]]) -> Iterator[int]:
    """Bytes of the counts: a negative number stands for that many empty buckets."""
    following = 0
    for bucket, count in items:
        if bucket > following:
            yield from _leb128(2 * (bucket - following) - 1)
        yield from _leb128(2 * count)
        following = bucket + 1


def _leb128(number: int) -> Iterator[int]:
    for _ in range(8):
        if number < 0x80:
            break
        yield number & 0x7F | 0x80
        number >>= 7
    yield number  # HdrHistogram's ninth byte holds eight bits


def _payload(encoded: str) -> bytes:
    """The counts' bytes of an encoded histogram, its headers verified."""
    try:
        raw = base64.b64decode(encoded, validate=True)
        cookie, length = _ENVELOPE.unpack_from(raw)
        unpacker = zlib.decompressobj()
        payload = unpacker.decompress(raw[_ENVELOPE.size :], _LARGEST_PAYLOAD)
        inner, size, _, digits, lowest, highest, _ = _HEADER.unpack_from(payload)
    except (ValueError, struct.error, zlib.error) as problem:
        raise RecordError(f"a histogram cannot be decoded: {problem}") from None
    if (cookie, inner) != (_COMPRESSED_COOKIE, _COUNTS_COOKIE) or length != len(raw) - _ENVELOPE.size:
        raise RecordError("a histogram cannot be decoded: it is not a compressed HdrHistogram V2")
    if (lowest, highest, digits) != (LOWEST, HIGHEST, DIGITS):
        raise RecordError("a histogram has another range or precision than Pulsegate's: 1 us to 1 h, 3 digits")
    if not unpacker.eof or size != len(payload) - _HEADER.size:
        raise RecordError("a histogram cannot be decoded: it is cut short")
    return payload[_HEADER.size :]


def _buckets(counts: bytes) -> dict[int, int]:
    """Bucket -> count, from the counts' bytes."""
    found: dict[int, int] = {}
    bucket = number = shift = 0
    for byte in counts:
        if shift == 56 or not byte & 0x80:
            number |= byte << shift
            if number & 1:
                bucket += (number + 1) >> 1
            else:
                if number and bucket >= _BUCKETS:
                    raise RecordError("a histogram cannot be decoded: it has counts out of its range")
                if number:
                    found[bucket] = number >> 1
                bucket += 1
            number = shift = 0
        else:
            number |= (byte & 0x7F) << shift
            shift += 7
    if shift:
        raise RecordError("a histogram cannot be decoded: it is cut short")
    return found
