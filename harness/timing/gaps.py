"""Judging the intervals between arrivals; every time is given, none is read.

A read carries the stamp of its last segment, and its earlier ones came at some time after the previous
read. Where the reader was late, how its bytes were spread is therefore unknown: such gaps are
*censored*. They are counted and reported, never charged to the target, and when too few others remain
the verdict is undecided and the caller observes again. A gap below zero is censored likewise, because
only a clock that was set back can cause it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pulsegate.harness.timing.arrival import Arrival

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000

#: No interval is held to a closer tolerance than this.
LEAST_TOLERANCE_S = 0.25
#: How many gaps between heartbeats must be judged.
HEARTBEAT_GAPS = 3


@dataclass(frozen=True, slots=True)
class HeartbeatVerdict:
    """How a series of heartbeats kept its interval.

    `gaps_ms` holds every gap in order; `wrong` and `censored` are indices into it. `together` counts the
    gaps between two heartbeats of one read that was not late: they were held back on the way.
    """

    interval_s: float
    shortest_ms: float
    longest_ms: float
    gaps_ms: list[float]
    wrong: list[int]
    censored: list[int]
    together: int

    @property
    def judged(self) -> int:
        """How many gaps counted."""
        return len(self.gaps_ms) - len(self.censored)

    @property
    def undecided(self) -> bool:
        """Whether nothing was wrong but too few gaps counted: observe again."""
        return not self.wrong and self.judged < HEARTBEAT_GAPS

    @property
    def ok(self) -> bool:
        """Whether enough gaps counted and none was wrong."""
        return not self.wrong and not self.undecided


def judge_heartbeats(arrivals: Sequence[Arrival], interval_s: float, tolerance: float) -> HeartbeatVerdict:
    """Judge the gaps between consecutive heartbeats, one arrival each (clauses SSE-11 and SSE-14).

    Each gap must lie within `interval_s` plus or minus the share `tolerance` of it, or 250 ms if that
    is more.
    """
    interval_ns = round(interval_s * _NS_PER_S)
    allowed_ns = round(max(tolerance * interval_s, LEAST_TOLERANCE_S) * _NS_PER_S)
    gaps = _gaps(arrivals)
    charged = [(index, gap) for index, gap in enumerate(gaps) if not gap.censored]
    return HeartbeatVerdict(
        interval_s=interval_s,
        shortest_ms=max(0, interval_ns - allowed_ns) / _NS_PER_MS,
        longest_ms=(interval_ns + allowed_ns) / _NS_PER_MS,
        gaps_ms=[gap.ns / _NS_PER_MS for gap in gaps],
        wrong=[index for index, gap in charged if abs(gap.ns - interval_ns) > allowed_ns],
        censored=[index for index, gap in enumerate(gaps) if gap.censored],
        together=sum(gap.same_read for _, gap in charged),
    )


@dataclass(frozen=True, slots=True)
class PaceVerdict:
    """How evenly the words of an answer came.

    `total` counts all gaps, `censored` those that could not be judged, `coalesced` those of the others
    under a tenth of the word gap. `median_ms` is that of the judged gaps; None without any.
    """

    word_gap_ms: float
    median_ms: float | None
    coalesced: int
    total: int
    censored: int
    ok: bool
    undecided: bool

    @property
    def judged(self) -> int:
        """How many gaps counted."""
        return self.total - self.censored


def judge_pace(arrivals: Sequence[Arrival], word_gap_ms: float) -> PaceVerdict:
    """Judge the gaps between consecutive words, one arrival each (clause CMP-5).

    The median gap must lie within 0.7 to 1.6 of `word_gap_ms`, and at most a quarter may be coalesced.
    Undecided when more than half is censored, or when there is no gap at all.
    """
    word_gap_ns = round(word_gap_ms * _NS_PER_MS)
    gaps = _gaps(arrivals)
    judged = [gap.ns for gap in gaps if not gap.censored]
    coalesced = sum(10 * gap < word_gap_ns for gap in judged)
    middle = median(judged) if judged else None
    paced = middle is not None and 7 * word_gap_ns <= 10 * middle <= 16 * word_gap_ns
    undecided = 2 * len(judged) < len(gaps) or not judged
    return PaceVerdict(
        word_gap_ms=word_gap_ms,
        median_ms=None if middle is None else middle / _NS_PER_MS,
        coalesced=coalesced,
        total=len(gaps),
        censored=len(gaps) - len(judged),
        ok=not undecided and paced and 4 * coalesced <= len(judged),
        undecided=undecided,
    )


@dataclass(frozen=True, slots=True)
class SilenceVerdict:
    """How long a stream was silent at most.

    `longest_ms` is the longest silence that is certain. `censored` counts the silences over the limit
    that ended in a late read: something may have come in between.
    """

    limit_ms: float
    longest_ms: float
    censored: int

    @property
    def undecided(self) -> bool:
        """Whether no silence is certain to be too long, but some may be: observe again."""
        return self.longest_ms <= self.limit_ms and self.censored > 0

    @property
    def ok(self) -> bool:
        """Whether no silence can have been longer than the limit."""
        return self.longest_ms <= self.limit_ms and not self.censored


def judge_silence(reads: Sequence[Arrival], started_ns: int, ended_ns: int, limit_s: float) -> SilenceVerdict:
    """Judge the silences of a stream observed from `started_ns` to `ended_ns` (clause RT-9)."""
    limit_ns = round(limit_s * _NS_PER_S)
    silences = _silences(reads, started_ns, ended_ns)
    return SilenceVerdict(
        limit_ms=limit_ns / _NS_PER_MS,
        longest_ms=_longest(silences) / _NS_PER_MS,
        censored=sum(gap.censored and gap.ns > limit_ns for gap in silences),
    )


def longest_silence(reads: Sequence[Arrival], started_ns: int, ended_ns: int) -> int:
    """The longest time, in nanoseconds, in which certainly no byte arrived.

    Silences that ended in a late read are left out; `judge_silence` counts them.
    """
    return _longest(_silences(reads, started_ns, ended_ns))


@dataclass(frozen=True, slots=True)
class _Gap:
    ns: int
    censored: bool
    same_read: bool = False


def _gaps(arrivals: Sequence[Arrival]) -> list[_Gap]:
    return [_gap(earlier, later) for earlier, later in pairwise(arrivals)]


def _gap(earlier: Arrival, later: Arrival) -> _Gap:
    ns = later.at_ns - earlier.at_ns
    return _Gap(ns, censored=earlier.late or later.late or ns < 0, same_read=earlier == later)


def _silences(reads: Sequence[Arrival], started_ns: int, ended_ns: int) -> list[_Gap]:
    silences = []
    last_ns = started_ns
    for read in reads:
        silences.append(_Gap(read.at_ns - last_ns, censored=read.late))
        last_ns = max(last_ns, read.at_ns)
    silences.append(_Gap(ended_ns - last_ns, censored=False))
    return silences


def _longest(silences: Sequence[_Gap]) -> int:
    return max((gap.ns for gap in silences if not gap.censored and gap.ns > 0), default=0)
