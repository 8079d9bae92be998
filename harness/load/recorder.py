"""What this load process measures: samples and counts, closed second by second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from pulsegate.harness.figures import metrics
from pulsegate.harness.figures.seconds import Counters, Second
from pulsegate.harness.load.loop_watch import loop_watch
from pulsegate.harness.target import Target
from pulsegate.harness.timing.arrival import LATE_READ_NS, Arrival
from pulsegate.harness.timing.series import Series

#: A problem is told in so many characters, and so many different ones are told apart: targets choose some words.
_LONGEST_PROBLEM = 300
_MOST_PROBLEMS = 200
_OTHER_PROBLEMS = "other problems"
#: As much as is shown of what a target said, in characters.
_SHOWN = 200


class Live(Protocol):
    """An open connection, as far as the recorder cares."""

    @property
    def surface(self) -> str:
        """The surface that it belongs to."""

    #: Events received since they were last counted.
    fresh: int

    def look(self, now_ns: int) -> None:
        """See whether it has gone silent."""

    def clock_was_set(self, now_ns: int) -> None:
        """Forget when anything came: this machine's clock was set, and shows `now_ns` now."""


class Recorder:
    """The one recorder of a process. Everything here runs on the hub's thread."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.profile = target.profile
        self.counts = Counters()
        self.problems: Counter[str] = Counter()
        self.defects: dict[str, None] = {}
        #: What the target said the first time, by problem: it is shown with all of the same kind.
        self._said: dict[str, str] = {}
        #: Takes secrets out of what a target says.
        self.mask: Callable[[str], str] = str
        #: The open connections, and whether each was open all through the second that is not closed yet.
        self.open: dict[Live, bool] = {}
        self.in_flight = 0
        #: What had been counted when the last second was closed.
        self._closed = Counters()
        self.kernel_stamps = True
        #: How late the callback that runs now can be at most.
        self.loop_delay_ns: Callable[[], int] = loop_watch().delay_ns
        self._series: dict[str, Series] = {}
        self._lag = self.series(metrics.GENERATOR_LAG).add

    def series(self, name: str) -> Series:
        """What takes the raw samples of the metric `name` (millionths of its unit: nanoseconds for ms)."""
        if name not in self._series:
            self._series[name] = Series(metrics.metric(name, self.profile))
        return self._series[name]

    def read(self, data: bytes, arrival: Arrival) -> None:
        """Count one read, and how late it was."""
        counts = self.counts
        counts.reads += 1
        counts.bytes += len(data)
        lag_ns = arrival.read_at_ns - arrival.at_ns
        self._lag(max(0, lag_ns))
        if lag_ns > LATE_READ_NS:
            counts.late_reads += 1

    def in_time(self) -> bool:
        """Whether the read that runs now is early enough to tell when each of its events came.

        Not by its stamp, which is of the last segment that was queued: the first may have waited all the
        while that the loop was busy. Of a late read, only what it ends with is known to have come then.
        """
        return self.loop_delay_ns() <= LATE_READ_NS

    def judge(self, *series: Series, known: bool) -> bool:
        """Count one interval, and whether both its ends are `known`; returns that.

        `series` are all those that take a sample of it, or else miss one.
        """
        self.counts.judged += 1
        if not known:
            self.counts.spoiled += 1
            for one in series:
                one.spoiled += 1
        return known

    def opened(self, connection: Live) -> None:
        """A connection is established: its first event came."""
        self.counts.established += 1
        self.open[connection] = False

    def closed(self, connection: Live, *, dropped: bool) -> None:
        """A connection is over; `dropped` when it was the target that ended it."""
        if connection in self.open:
            del self.open[connection]
            self.counts.dropped += dropped
        elif dropped:
            self.counts.refused += 1

    def problem(self, sentence: str, *, own: bool = False, said: bytes = b"") -> None:
        """Count something that went wrong; `own` when this machine was to blame, which spoils the run.

        Of what the target `said` with it, the first is shown: each may differ by a number or a time.
        """
        sentence = sentence[:_LONGEST_PROBLEM]
        if said and sentence not in self._said and len(self._said) < _MOST_PROBLEMS:
            text = " ".join(self.mask(said.decode(errors="replace")).split())
            self._said[sentence] = f": {text[:_SHOWN]}{'...' if len(text) > _SHOWN else ''}" if text else ""
        sentence += self._said.get(sentence, "")
        if sentence not in self.problems and len(self.problems) >= _MOST_PROBLEMS:
            sentence = _OTHER_PROBLEMS
        self.problems[sentence] += 1
        if own:
            self.defects.setdefault(sentence)

    def look(self, now_ns: int) -> None:
        """Let every open connection see whether it has gone silent; not while what came may still be unread."""
        if self.in_time():
            for connection in tuple(self.open):
                connection.look(now_ns)

    def clock_was_set(self, now_ns: int) -> None:
        """Let every open connection forget the times that it keeps; `now_ns` is the time as the clock shows it now."""
        for connection in tuple(self.open):
            connection.clock_was_set(now_ns)

    def discard_times(self) -> None:
        """Throw away the times of the second that is not closed yet, and what was concluded from them."""
        for series in self._series.values():
            series.discard()
        before, counts = self._closed, self.counts
        counts.judged, counts.spoiled = before.judged, before.spoiled
        counts.missed, counts.late = before.missed, before.late
        counts.silent, counts.stalled = before.silent, before.stalled
        counts.late_reads, counts.late_sends = before.late_reads, before.late_sends

    def close_second(self, worker: str, at: int, *, warm_up: bool = False, whole: bool = True) -> Second:
        """Everything since the last call, and the state now; not `whole` when that was no second."""
        self._count_updates(whole=whole)
        slices = {name: part for name, series in self._series.items() if (part := series.close()) is not None}
        spoiled = {name: series.spoiled for name, series in self._series.items() if series.spoiled}
        for name in spoiled:
            self._series[name].spoiled = 0
        self._closed = replace(self.counts)
        return Second(
            worker=worker,
            at=at,
            warm_up=warm_up,
            live=len(self.open),
            in_flight=self.in_flight,
            counters=self._closed,
            problems=dict(self.problems),
            slices=slices,
            spoiled=spoiled,
            kernel_stamps=self.kernel_stamps,
            defects=list(self.defects),
        )

    def _count_updates(self, *, whole: bool) -> None:
        """The update frequency of one client: its events in a second through all of which it was open."""
        adders = {}
        for connection, open_throughout in self.open.items():
            if whole and open_throughout:
                if connection.surface not in adders:
                    adders[connection.surface] = self.series(f"{connection.surface}.update_frequency").add
                adders[connection.surface](connection.fresh * 1_000_000)
            connection.fresh = 0
            self.open[connection] = True
