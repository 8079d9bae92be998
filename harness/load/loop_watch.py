"""When this process's loop was too busy to notice anything."""

from __future__ import annotations

import os
import time
from functools import lru_cache
from pathlib import Path

from gevent import get_hub

from pulsegate.harness.timing.arrival import LATE_READ_NS

#: Linux: what the scheduler counts of this thread: its time on a core, and ready without one, in nanoseconds.
_SCHEDULE = Path("/proc/self/schedstat")


class LoopWatch:
    """Stamps each falling asleep and waking of the hub's loop."""

    def __init__(self, schedule: Path = _SCHEDULE) -> None:
        self._loop = loop = get_hub().loop
        self._turns = self._crowded = 0
        self._schedule = _opened(schedule)
        #: How long this thread had waited for a core when that was asked last, and while the loop woke last.
        self._queued_ns = self._late_waking_ns = 0
        self._asleep_ns = self._awake_ns = self._since_ns = time.monotonic_ns()
        self._last_busy_ns = self._longest_ns = self._slept_ns = 0
        # gevent runs greenlets in a prepare watcher of its own, and what they do is work, not sleep
        self._falling_asleep = loop.prepare(priority=loop.MINPRI)
        self._waking = loop.check(priority=loop.MAXPRI)
        self._falling_asleep.start(self._fall_asleep)
        self._waking.start(self._wake)

    def _fall_asleep(self) -> None:
        self._asleep_ns = time.monotonic_ns()
        self._last_busy_ns = self._asleep_ns - self._awake_ns
        self._longest_ns = max(self._longest_ns, self._last_busy_ns)
        self._turns += 1
        self._crowded += bool(self._loop._callbacks)  # noqa: SLF001 - no public word tells of greenlets that still wait

    def _wake(self) -> None:
        self._awake_ns = time.monotonic_ns()
        slept_ns = self._awake_ns - self._asleep_ns
        # a shorter sleep cannot hide a late waking, and the question costs as much as a read
        self._late_waking_ns = min(slept_ns, self._waited_for_core_ns()) if slept_ns > LATE_READ_NS else 0
        self._longest_ns = max(self._longest_ns, self._late_waking_ns)
        self._slept_ns += slept_ns - self._late_waking_ns

    def _waited_for_core_ns(self) -> int:
        """How long this thread was ready and had no core since the last call; 0 where the kernel does not say."""
        if self._schedule is None:
            return 0
        before_ns, self._queued_ns = self._queued_ns, int(os.pread(self._schedule, 64, 0).split()[1])
        return self._queued_ns - before_ns

    def delay_ns(self) -> int:
        """How late the callback that runs now can be at most: the loop looked at no socket for that long."""
        return time.monotonic_ns() - self._awake_ns + self._last_busy_ns + self._late_waking_ns

    def take(self) -> tuple[float, float]:
        """Since the last call: the longest that the loop was blocked, in ms, and the share of time it was at work."""
        now_ns = time.monotonic_ns()
        stall_ms = max(self._longest_ns, now_ns - self._awake_ns) / 1e6
        passed_ns = now_ns - self._since_ns
        busy = 1 - self._slept_ns / passed_ns if passed_ns else 0.0
        self._since_ns, self._longest_ns, self._slept_ns = now_ns, 0, 0
        self._waited_for_core_ns()  # what many short sleeps add up to is no late waking
        return stall_ms, min(1.0, max(0.0, busy))

    def take_crowded(self) -> float:
        """Since the last call: the share of the loop's turns in which greenlets kept it from its timers and sockets.

        A loop of ``gevent.sleep(0)`` does that in every turn: it is due again at once.
        """
        share = self._crowded / self._turns if self._turns else 0.0
        self._turns = self._crowded = 0
        return share


def _opened(schedule: Path) -> int | None:
    try:
        return os.open(schedule, os.O_RDONLY)
    except OSError:
        return None


@lru_cache(maxsize=1)
def loop_watch() -> LoopWatch:
    """The watch of this process's hub; begun at the first call."""
    return LoopWatch()
