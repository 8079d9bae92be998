"""When this process's loop was too busy to notice anything."""

from __future__ import annotations

import time
from functools import lru_cache

from gevent import get_hub


class LoopWatch:
    """Stamps each falling asleep and waking of the hub's loop."""

    def __init__(self) -> None:
        loop = get_hub().loop
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

    def _wake(self) -> None:
        self._awake_ns = time.monotonic_ns()
        self._slept_ns += self._awake_ns - self._asleep_ns

    def delay_ns(self) -> int:
        """How late the callback that runs now can be at most: the loop looked at no socket for that long."""
        return time.monotonic_ns() - self._awake_ns + self._last_busy_ns

    def take(self) -> tuple[float, float]:
        """Since the last call: the longest that the loop was blocked, in ms, and the share of time it was at work."""
        now_ns = time.monotonic_ns()
        stall_ms = max(self._longest_ns, now_ns - self._awake_ns) / 1e6
        passed_ns = now_ns - self._since_ns
        busy = 1 - self._slept_ns / passed_ns if passed_ns else 0.0
        self._since_ns, self._longest_ns, self._slept_ns = now_ns, 0, 0
        return stall_ms, min(1.0, max(0.0, busy))


@lru_cache(maxsize=1)
def loop_watch() -> LoopWatch:
    """The watch of this process's hub; begun at the first call."""
    return LoopWatch()
