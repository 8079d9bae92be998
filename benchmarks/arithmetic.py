"""The arithmetic of the benchmark: medians, ratios, limits, and whether arrivals were reported truly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

#: Sending ends when the kernel has queued the segment at the receiver; its stamp may be this much off that moment.
KERNEL_SLACK_NS = 1_000_000


@dataclass(frozen=True)
class Sample:
    """The medians of a quantity over the rounds, and how far the rounds lie apart."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    @property
    def spread(self) -> float:
        """Largest less smallest, as a share of the median; 0 for a median of 0."""
        return (max(self.values) - min(self.values)) / self.median if self.median else 0.0


@dataclass(frozen=True)
class Limit:
    """A quantity and what it may be at most, or with `at_least` must be at least."""

    name: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether it is as it must be."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def ratio(ours: Sample, theirs: Sample) -> float:
    """Median over rounds of ours by theirs, round by round; ValueError unless both have the same rounds."""
    if len(ours.values) != len(theirs.values):
        raise ValueError("the two were not measured in the same rounds")
    return median(one / other for one, other in zip(ours.values, theirs.values, strict=True))


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed; ValueError for no values."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("there is no percentile of nothing")
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True)
class Stamp:
    """What the server wrote into an event: whose, its number, when it was sent, when sending the one before ended."""

    stream: int
    sequence: int
    emitted_ns: int
    previous_sent_ns: int


@dataclass(frozen=True)
class KeptRead:
    """One read of a generator: the arrival it reports, and the events in it."""

    at_ns: int
    previous_ns: int
    stamps: tuple[Stamp, ...]


def reads_of(result: Sequence[tuple[int, int, Sequence[Sequence[int]]]]) -> list[KeptRead]:
    """The reads as a generator wrote them down."""
    return [KeptRead(at, previous, tuple(Stamp(*stamp) for stamp in stamps)) for at, previous, stamps in result]


def arrival_errors_ms(reads: Iterable[KeptRead]) -> list[float]:
    """For each event alone in its read: reported arrival less the moment of sending."""
    return [abs(read.at_ns - read.stamps[0].emitted_ns) / 1e6 for read in reads if len(read.stamps) == 1]


@dataclass(frozen=True)
class Containment:
    """How many reads held several events, and in how many of all the true arrivals lay in the reported interval."""

    reads: int
    coalesced: int
    outside: int


def containment(reads: Sequence[KeptRead], slack_ns: int = KERNEL_SLACK_NS) -> Containment:
    """Whether the true arrival of each event can lie in the interval that its read reports.

    It lies between the moments before and after sending. The server writes the second into the
    stream's next event, so the last event of each stream is bounded by its own sending alone.
    """
    sent_ns: Mapping[tuple[int, int], int] = {
        (stamp.stream, stamp.sequence - 1): stamp.previous_sent_ns for read in reads for stamp in read.stamps
    }

    def inside(read: KeptRead, stamp: Stamp) -> bool:
        after_ns = sent_ns.get((stamp.stream, stamp.sequence), read.at_ns)
        return stamp.emitted_ns <= read.at_ns + slack_ns and after_ns >= read.previous_ns - slack_ns

    outside = sum(not all(inside(read, stamp) for stamp in read.stamps) for read in reads)
    return Containment(len(reads), sum(len(read.stamps) > 1 for read in reads), outside)
