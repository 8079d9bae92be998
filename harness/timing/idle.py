"""Two clocks of one stream: when the last byte came, and when the last event that says something.

A stream whose server still beats, in heartbeat events or comments, can have nothing left behind it: the
transport is alive, the producer has stalled. And one that was cut in silence was cut by somebody who lost
patience, or had gone silent before: which of both is told by how long nothing had come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, median
from typing import NamedTuple

from pulsegate.harness.timing.gaps import HeartbeatVerdict
from pulsegate.harness.timing.histogram import Histogram

#: Nothing for this many intervals, and what should have come is missing; before two have passed, it is named.
PATIENCE = 1.5
#: So many gaps between data events show the pace of a producer that advertises none.
_PACE_GAPS = 3
#: Cuts in silence after the same time, this share of it or this many seconds apart, have one cause.
_SAME_SHARE, _SAME_S = 0.15, 0.1
#: A timeout shows at so many different moments, and no proxy has a shorter one than this.
_CUT_MOMENTS, _LEAST_TIMEOUT_S = 3, 0.2
_NS_PER_MS = 1_000_000


class Idle(StrEnum):
    """What a silence means."""

    ALIVE = "alive"
    SILENT = "silent"
    STALLED = "stalled"


class StreamClocks:
    """Both clocks of one connection; all times are nanoseconds.

    `interval_ns` is how often anything at all is to come. `data_interval_ns` is how often data is to come; with
    None the pace is taken from the longest of the gaps so far, once there are three.
    """

    __slots__ = ("_data_gaps", "_data_ns", "_interval_ns", "_over", "_pace_ns", "last_byte_ns")

    def __init__(self, interval_ns: int, opened_ns: int, data_interval_ns: int | None = None) -> None:
        self._interval_ns = interval_ns
        self._pace_ns = data_interval_ns or 0
        self._data_gaps = 0 if data_interval_ns is None else _PACE_GAPS
        self._data_ns = 0 if data_interval_ns is None else opened_ns
        self._over = False
        #: When the last byte came.
        self.last_byte_ns = opened_ns

    def read(self, at_ns: int) -> None:
        """Bytes came, of whatever kind."""
        self.last_byte_ns = at_ns

    def data(self, at_ns: int) -> None:
        """An event came that is no heartbeat."""
        if self._data_ns:
            gap_ns = at_ns - self._data_ns
            if self._data_gaps < _PACE_GAPS:
                self._data_gaps += 1
                self._pace_ns = max(self._pace_ns, gap_ns)
            elif gap_ns <= self._data_limit_ns:  # a stall that has ended is no pace
                self._pace_ns = max(self._pace_ns, gap_ns)
        self._data_ns = at_ns
        self._over = False

    def finished(self) -> None:
        """What was produced is complete: no data is awaited until some comes."""
        self._over = True

    def transport_idle_ns(self, now_ns: int) -> int:
        """How long no byte has come."""
        return max(0, now_ns - self.last_byte_ns)

    def data_idle_ns(self, now_ns: int) -> int:
        """How long no data has come; 0 before the first."""
        return max(0, now_ns - self._data_ns) if self._data_ns else 0

    def state(self, now_ns: int) -> Idle:
        """What the silence until now means."""
        if self.transport_idle_ns(now_ns) > PATIENCE * self._interval_ns:
            return Idle.SILENT
        awaited = not self._over and self._data_gaps >= _PACE_GAPS
        if awaited and self.data_idle_ns(now_ns) > self._data_limit_ns:
            return Idle.STALLED
        return Idle.ALIVE

    @property
    def _data_limit_ns(self) -> float:
        return PATIENCE * max(self._pace_ns, self._interval_ns)


@dataclass(frozen=True, slots=True)
class BeatFigures:
    """How heartbeats kept the advertised interval; None where nothing could be said. Milliseconds.

    `missed` beats are those that gaps of two intervals and more leave room for. `drift_ms` is how much longer
    a beat took than advertised on average (negative: shorter), `jitter_ms` how far the judged gaps were from
    their own median on average, those with missed beats left out.
    """

    beats: int
    missed: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    drift_ms: float | None
    jitter_ms: float | None


def beat_figures(verdict: HeartbeatVerdict) -> BeatFigures:
    """What the gaps of `verdict` come to; censored ones are left out."""
    censored = set(verdict.censored)
    gaps = [gap for index, gap in enumerate(verdict.gaps_ms) if index not in censored]
    interval_ms = verdict.interval_s * 1000
    missed = [missed_beats(round(gap * _NS_PER_MS), round(interval_ms * _NS_PER_MS)) for gap in gaps]
    beats = len(verdict.gaps_ms) + 1
    if not gaps:
        return BeatFigures(beats, 0, None, None, None, None, None)
    percentiles = Histogram(round(gap * 1000) for gap in gaps).percentiles(50, 95, 99)
    p50, p95, p99 = (value / 1000 for value in percentiles)
    single = [gap for gap, left_out in zip(gaps, missed, strict=True) if not left_out]
    middle = median(single) if single else 0.0
    return BeatFigures(
        beats,
        sum(missed),
        p50,
        p95,
        p99,
        drift_ms=sum(gaps) / (len(gaps) + sum(missed)) - interval_ms,
        jitter_ms=fmean(abs(gap - middle) for gap in single) if single else None,
    )


class Spread(NamedTuple):
    """A distribution in short: percentiles 10, 50 and 90."""

    low: float
    middle: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """The spread of at least one value."""
    ordered = sorted(values)
    last = len(ordered) - 1
    return Spread(ordered[last // 10], median(ordered), ordered[last - last // 10])


def missed_beats(gap_ns: int, interval_ns: int) -> int:
    """How many beats a gap between two leaves room for."""
    return max(0, round(gap_ns / interval_ns) - 1) if gap_ns > interval_ns else 0


def cause_of_cuts(idle_s: Spread, moments: int, interval_s: float) -> str:
    """What cut streams that had been silent for `idle_s` when they ended; empty when it cannot be told.

    `moments` is at how many different times that was: what ends many streams at one time tells nothing.
    """
    low_s, middle_s, high_s = idle_s
    if low_s > PATIENCE * interval_s:
        return (
            f"the server went silent: nothing had come for {middle_s:.2g} s when streams were cut, "
            f"though a heartbeat was due every {interval_s:g} s"
        )
    alike = high_s - low_s <= max(_SAME_SHARE * middle_s, _SAME_S)
    if alike and moments >= _CUT_MOMENTS and low_s >= _LEAST_TIMEOUT_S:
        return (
            f"something in between cuts a stream that is silent for {middle_s:.2g} s, and a heartbeat comes only every "
            f"{interval_s:g} s: raise its read timeout (nginx: proxy_read_timeout) above the heartbeat interval"
        )
    return ""
