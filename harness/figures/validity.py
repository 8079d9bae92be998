"""Whether the generator spoiled the run: what is said then is that the run is invalid, not that the target failed."""

from __future__ import annotations

from collections import defaultdict

from pulsegate.harness.figures.seconds import Counters, Second
from pulsegate.harness.record import Validity

#: More late sends or spoiled intervals than this share, and the figures say more about the generator than the target.
LATE_SHARE = 0.1
#: A process that uses more of a core than this, or whose loop never sleeps longer, is saturated ...
BUSY_CPU = 0.95
#: ... and with more such seconds than this share (and than `_FEW_S`), so is the run.
BUSY_SHARE = 0.2
#: A busy process whose greenlets filled more than this share of its loop's turns has one that never rests.
CROWDED_SHARE = 0.5
_FEW_S = 2.0
#: What to do where users only hold connections, in the options of a load.
FEWER_USERS = "use more workers, or fewer users"
#: A clock that was set by more than this spoils every stamp that lies across it, in milliseconds.
CLOCK_STEP_MS = 50.0


class Doubts:
    """Collects what speaks against a run, second by second."""

    def __init__(self) -> None:
        self._span_s: dict[str, float] = defaultdict(float)
        self._busy_s: dict[str, float] = defaultdict(float)
        self._crowded_s: dict[str, float] = defaultdict(float)
        self._stall_ms: dict[str, float] = defaultdict(float)
        self._clock_step_ms = 0.0
        self._notes: dict[str, None] = {}

    def add(self, second: Second) -> None:
        """Take one second of one process."""
        for defect in second.defects:
            self.note(defect)
        if abs(second.clock_step_ms) > abs(self._clock_step_ms):
            self._clock_step_ms = second.clock_step_ms
        if second.warm_up:
            return
        self._span_s[second.worker] += second.span_s
        if max(second.cpu, second.busy) > BUSY_CPU:
            self._busy_s[second.worker] += second.span_s
            if second.crowded > CROWDED_SHARE:
                self._crowded_s[second.worker] += second.span_s
        self._stall_ms[second.worker] = max(second.stall_ms, self._stall_ms[second.worker])

    def note(self, reason: str) -> None:
        """Take a reason that is not seen in seconds, such as a lost worker."""
        self._notes.setdefault(reason)

    def validity(self, sums: Counters) -> Validity:
        """The answer, given what all processes counted."""
        reasons = [*self._notes, *self._busy_workers()]
        stall = max(self._stall_ms.values(), default=0.0)
        if sums.spoiled > LATE_SHARE * sums.judged:
            reasons.append(
                f"{_percent(sums.spoiled, sums.judged)} of the intervals could not be told from the generator's own "
                f"lateness (its longest stall was {stall:.0f} ms): {FEWER_USERS}"
            )
        if sums.late_sends > LATE_SHARE * sums.sent:
            reasons.append(
                f"{_percent(sums.late_sends, sums.sent)} of the requests were sent over 5 ms after they were due "
                f"(the generator's longest stall was {stall:.0f} ms): use more workers, or a lower rate"
            )
        if abs(self._clock_step_ms) > CLOCK_STEP_MS:
            reasons.append(
                f"this machine's clock was set by {self._clock_step_ms / 1000:+.4g} s during the run: "
                "times that may lie across that are in no figure"
            )
        return Validity(valid=not reasons, reasons=reasons)

    def _busy_workers(self) -> list[str]:
        return [
            f"{worker} was at work, or waiting for a core, over {100 * BUSY_CPU:.0f} % of the time in {busy_s:.0f} of "
            f"{self._span_s[worker]:.0f} seconds: the generator was saturated; {self._remedy(worker)}"
            for worker, busy_s in sorted(self._busy_s.items())
            if busy_s > max(_FEW_S, BUSY_SHARE * self._span_s[worker])
        ]

    def _remedy(self, worker: str) -> str:
        if 2 * self._crowded_s[worker] > self._busy_s[worker]:
            return (
                "greenlets of the scenario kept its loop from its timers and sockets, as a loop of gevent.sleep(0) "
                "does: let them sleep for some milliseconds"
            )
        return FEWER_USERS


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %"
