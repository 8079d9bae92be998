"""Spreading users over time: Locust starts all users of a second in one go."""

from __future__ import annotations

import time

import gevent

#: Users of this many consecutive numbers, however many, lie almost evenly in a second if each number is multiplied by
#: the golden ratio and only what is behind the point is kept (the three-distance theorem).
_GOLDEN_RATIO = (1 + 5**0.5) / 2
#: After so long a piece of work, what has come in meanwhile goes first, in seconds.
_WORK_S = 0.001
#: A sleep of no length would run before the sockets are looked at.
_BREATH_S = 0.0001


def place_in_second(number: int, worker: int = 0) -> float:
    """Where in its second user `number` of a worker begins; the first of the first worker at once."""
    return (number * _GOLDEN_RATIO + worker * 2**0.5) % 1.0


class Breather:
    """Interrupts long work on a greenlet, so that the loop sees to its sockets in between."""

    def __init__(self) -> None:
        self._since_s = time.monotonic()

    def breathe(self) -> None:
        """Let the loop look at its sockets if it has not lately."""
        now_s = time.monotonic()
        if now_s - self._since_s > _WORK_S:
            gevent.sleep(_BREATH_S)
            self._since_s = time.monotonic()
