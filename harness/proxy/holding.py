"""Whether events were held back on their way: judged from times alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pulsegate.harness.record import Buffering

#: An event that is this much later than on the direct way was held; less is the machine's own noise.
HELD_NS = 30_000_000
#: So large a share of held events is no accident.
HELD_SHARE = 0.1
#: Held this long before the request: a copy of an earlier answer.
STORED_NS = 250_000_000
#: A stream whose events come within this share of the time they take directly came in one piece.
ONE_PIECE = 0.1


@dataclass(frozen=True, slots=True)
class Arrived:
    """One event: when it came, in which read, and when it was sent where the server says so (ns since the epoch).

    `late`: the reader was, so that the arrival tells nothing.
    """

    at_ns: int
    read: int
    emitted_ns: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """One stream as it was heard: `over_ns` is when it ended, or when it was no longer awaited."""

    asked_ns: int
    over_ns: int
    events: tuple[Arrived, ...]
    #: Why there is no stream to judge: a refusal, a page, a broken connection.
    problem: str = ""

    @property
    def delays_ns(self) -> list[int]:
        """From emission to arrival, of the events that say when they were emitted."""
        return [one.at_ns - one.emitted_ns for one in self.events if one.emitted_ns is not None and not one.late]

    @property
    def first_ns(self) -> int | None:
        """How long after the request the first event came; None when none did."""
        return self.events[0].at_ns - self.asked_ns if self.events else None

    @property
    def spread_ns(self) -> int:
        """From the first event to the last."""
        return self.events[-1].at_ns - self.events[0].at_ns if self.events else 0


@dataclass(frozen=True, slots=True)
class Holding:
    """The verdict, the share of events held back, the longest hold in ms, and all of it in words."""

    verdict: Buffering
    share: float
    longest_ms: float
    words: str


def judge(direct: Heard, through: Heard) -> Holding:
    """Compare one stream `through` a proxy with the same one `direct`, which had events."""
    if through.problem:
        return Holding("not measured", 0.0, 0.0, through.problem)
    if not through.events:
        waited_ms = (through.over_ns - through.asked_ns) / 1e6
        words = (
            f"no event within {waited_ms:.0f} ms; directly the first came after {(direct.first_ns or 0) / 1e6:.0f} ms"
        )
        return Holding("fully held", 1.0, waited_ms, words)
    if through.delays_ns and direct.delays_ns:
        return _by_stamps(direct, through)
    return _by_pattern(direct, through)


def _by_stamps(direct: Heard, through: Heard) -> Holding:
    usual = median(direct.delays_ns)
    stamped = [one for one in through.events if one.emitted_ns is not None and not one.late]
    extra = [one.at_ns - (one.emitted_ns or 0) - usual for one in stamped]
    longest_ms = max(extra) / 1e6
    stored = [one for one in stamped if (one.emitted_ns or 0) < through.asked_ns - STORED_NS]
    if stored:
        age_s = (through.asked_ns - (stored[0].emitted_ns or 0)) / 1e9
        words = f"a stored copy: {len(stored)} of {len(stamped)} events are older than the request, by {age_s:.1f} s"
        return Holding("stored copy", 1.0, longest_ms, words)
    share = sum(each > HELD_NS for each in extra) / len(extra)
    last_ns = max(one.emitted_ns or 0 for one in stamped)
    whole = share > HELD_SHARE and through.events[0].at_ns > last_ns - HELD_NS
    return _told(share, longest_ms, len({one.read for one in stamped}), len(stamped), whole=whole)


def _by_pattern(direct: Heard, through: Heard) -> Holding:
    """Without stamps: events that share a read although the same stream brings them one by one directly."""
    share = max(0.0, _shared(through) - _shared(direct))
    whole = share > HELD_SHARE and through.spread_ns < ONE_PIECE * direct.spread_ns
    longest_ms = max(0.0, ((through.first_ns or 0) - (direct.first_ns or 0)) / 1e6)
    reads = len({one.read for one in through.events})
    return _told(share, longest_ms, reads, len(through.events), whole=whole)


def _shared(heard: Heard) -> float:
    """The share of events that came in the same read as the one before."""
    pairs = list(pairwise(heard.events))
    return sum(one.read == other.read for one, other in pairs) / len(pairs) if pairs else 0.0


def _told(share: float, longest_ms: float, reads: int, count: int, *, whole: bool) -> Holding:
    if share <= HELD_SHARE:
        return Holding("live", share, longest_ms, f"{count} events in {reads} reads, none held back")
    verdict: Buffering = "fully held" if whole else "partly held"
    words = f"{count} events in {reads} read{'s' * (reads != 1)}, {share:.0%} held back, up to {longest_ms:.0f} ms"
    return Holding(verdict, share, longest_ms, words)


def worst(holdings: Sequence[Holding]) -> Holding | None:
    """The one with most held back that was measured; None when none was."""
    measured = [one for one in holdings if one.verdict != "not measured"]
    rank = {"live": 0, "partly held": 1, "fully held": 2, "stored copy": 3}
    return max(measured, key=lambda one: (rank[one.verdict], one.longest_ms), default=None)


def gap_jitter_ms(heard: Heard) -> float | None:
    """How far a gap between two events typically is from the same gap as it was sent; None without stamps."""
    events = [one for one in heard.events if one.emitted_ns is not None and not one.late]
    deviations = [
        abs((b.at_ns - a.at_ns) - ((b.emitted_ns or 0) - (a.emitted_ns or 0))) / 1e6 for a, b in pairwise(events)
    ]
    return median(deviations) if deviations else None
