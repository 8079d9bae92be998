"""Each stream's account of its numbered events, across reconnections: what was lost, repeated, reordered or late.

Numbers are ids that are decimal, or stamps that a server counts from 1 on each connection. Ids need not be
consecutive: their step is what three of them in a row on one connection show. What lies between two steps
(the greeting of a resumed stream) is counted apart and belongs to no sequence. Where ids are not evenly
spaced, a lost event leaves no hole, so what was lost cannot be known; the account says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from pulsegate.harness.timing.intervals import IntervalSet, Range

#: Digits of the largest id that is taken for a number.
_MOST_DIGITS = 40
#: As many ids must come without a step before they count as unevenly spaced.
_PATIENCE = 8
#: Of each kind, an account names no more numbers; the counts are exact.
MOST_NAMED = 100
#: An event is late that took longer than this from the server's stamp, in nanoseconds.
LATE_NS = 1_000_000_000
#: Of unevenly spaced ids, so many ranges are remembered to tell repetitions by.
_MOST_UNEVEN = 1_000

TOO_FEW = "too few ids came to tell how they are spaced: what was lost cannot be known"
UNEVEN = "the ids are not evenly spaced: what was lost cannot be known"


class Sums(Protocol):
    """What all accounts of a process add up to; `lost` falls again when an event comes after all."""

    numbered: int
    lost: int
    repeated: int
    reordered: int
    late: int


@dataclass(slots=True)
class Counts:
    """Sums of their own, for whoever has no other counters."""

    numbered: int = 0
    lost: int = 0
    repeated: int = 0
    reordered: int = 0
    late: int = 0


class Numbering:
    """How ids of one kind of stream are spaced: found out by the first stream that can tell, shared by all."""

    __slots__ = ("place", "step", "uneven")

    def __init__(self, step: int = 0) -> None:
        #: The difference between two that follow each other; 0 until it is known.
        self.step = step
        #: What is left of any of them when it is divided by the step.
        self.place = 0
        #: No step was found: they are numbers, but no sequence.
        self.uneven = False

    def learn(self, numbers: list[int]) -> None:
        """Look at `numbers`, which followed each other on one connection."""
        if len(numbers) >= 3 and numbers[-1] - numbers[-2] == numbers[-2] - numbers[-3] > 0:
            self.step = numbers[-1] - numbers[-2]
            self.place = numbers[-1] % self.step
        elif len(numbers) >= _PATIENCE:
            self.step, self.place, self.uneven = 1, 0, True

    def place_of(self, numbers: list[int]) -> int | None:
        """Where `numbers`, which followed each other on one connection, lie between the steps; None if that is open.

        The first may be that of a greeting, so another place than the usual one takes two of them a step apart.
        """
        if numbers and numbers[-1] % self.step == self.place:
            return self.place
        if len(numbers) >= 2 and numbers[-1] - numbers[-2] == self.step:
            return numbers[-1] % self.step
        return None


@dataclass(frozen=True, slots=True)
class Account:
    """One stream's account. The lists name at most `MOST_NAMED` numbers each; the counts are exact."""

    stream: str
    received: int = 0
    lost_count: int = 0
    repeated_count: int = 0
    reordered_count: int = 0
    late: int = 0
    lost: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    reordered: list[int] = field(default_factory=list)
    unknown: str = ""


class StreamLedger:
    """The account of one stream while it goes on. Costs memory by the disturbance, not by the event."""

    __slots__ = (
        "_again", "_began_anew", "_fresh", "_late", "_lost", "_moved", "_numbering", "_origin", "_received",
        "_repeated", "_seen", "_since", "_sums", "_waiting", "changed", "stream",
    )  # fmt: skip

    def __init__(self, stream: str, numbering: Numbering, sums: Sums, *, first: int | None = None) -> None:
        """`first` is the number that the sequence is known to begin with."""
        self.stream = stream
        self._numbering = numbering
        self._sums = sums
        self._seen = IntervalSet()
        self._again: IntervalSet | None = None
        self._moved: IntervalSet | None = None
        self._lost = self._repeated = self._late = 0
        self._began_anew = False
        self._fresh = False
        self._waiting: list[int] | None = []
        self._since = 0
        self._received = 0
        self._origin = 0
        #: Something else than the next number came since this was last set to False.
        self.changed = False
        if first is not None:
            self._waiting, self._origin = None, first
            self._seen.add(-1)

    def take(self, number: int, *, delay_ns: int = 0) -> None:
        """Take the number of an event; `delay_ns` is how long it was under way, where that is known."""
        if delay_ns > LATE_NS:
            self._late += 1
            self._sums.late += 1
            self.changed = True
        if self._waiting is None:
            self._place(number)
            return
        self._waiting.append(number)
        of_this_connection = self._waiting[self._since :]
        if not self._numbering.step:
            self._numbering.learn(of_this_connection)
        if self._numbering.step:
            place = self._numbering.place_of(of_this_connection)
            if place is not None:
                self._place_waiting(place)

    def reconnected(self) -> None:
        """The next number is the first of another connection."""
        self._fresh = True
        self._since = len(self._waiting or ())

    def _place_waiting(self, place: int) -> None:
        waiting, self._waiting = self._waiting or [], None
        self._origin = place
        for number in waiting:
            self._place(number)

    def _place(self, number: int) -> None:
        index, beyond = divmod(number - self._origin, self._numbering.step)
        if beyond:
            return
        last = self._seen.last
        self._received += 1
        self._sums.numbered += 1
        if self._seen.add(index):
            if last is not None and index != last + 1:
                self._book_jump(index, last)
        else:
            self._book_repetition(index)
        self._fresh = False

    def _book_jump(self, index: int, last: int) -> None:
        if index > last:
            if self._numbering.uneven:
                self._seen.forget(_MOST_UNEVEN)
            else:
                self._change_lost(index - last - 1)
            return
        if self._moved is None:
            self._moved = IntervalSet()
        self._moved.add(index)
        self._sums.reordered += 1
        self.changed = True
        if self._numbering.uneven:
            return
        if index > self._seen.first:  # it fills a hole
            self._change_lost(-1)
        else:
            first, last = next(self._seen.holes(), (0, -1))
            self._change_lost(last - first + 1 if first == index + 1 else 0)

    def _book_repetition(self, index: int) -> None:
        self.changed = True
        if self._again is None:
            self._again = IntervalSet()
        self._again.add(index)
        self._repeated += 1
        self._sums.repeated += 1
        self._began_anew = self._began_anew or (self._fresh and index == self._seen.first)

    def _change_lost(self, count: int) -> None:
        self._lost += count
        self._sums.lost += count
        self.changed = True

    @property
    def troubled(self) -> bool:
        """Whether anything is to be told of this stream."""
        return bool(self._lost or self._repeated or self._moved or self._late)

    def account(self) -> Account:
        """The account so far."""
        if self._waiting and self._numbering.step:
            self._place_waiting(self._numbering.place)
        uneven = self._numbering.uneven
        return Account(
            self.stream,
            received=self._received + len(self._waiting or ()),
            lost_count=self._lost,
            repeated_count=self._repeated,
            reordered_count=len(self._moved or ()),
            late=self._late,
            lost=[] if uneven else self._named(self._seen.holes()),
            repeated=self._named(self._again.ranges() if self._again else ()),
            reordered=self._named(self._moved.ranges() if self._moved else ()),
            unknown=self._unknown(),
        )

    def _unknown(self) -> str:
        if self._waiting:
            return TOO_FEW
        if self._numbering.uneven:
            return UNEVEN
        return "the numbering began anew after a reconnection" if self._began_anew else ""

    def _named(self, ranges: Iterable[Range]) -> list[int]:
        numbers = chain.from_iterable(range(first, last + 1) for first, last in ranges)
        step = self._numbering.step
        return [self._origin + index * step for index, _ in zip(numbers, range(MOST_NAMED), strict=False)]


def number_of(event_id: str) -> int | None:
    """The number that an id is; None when it is no decimal one."""
    return int(event_id) if event_id.isascii() and event_id.isdigit() and len(event_id) <= _MOST_DIGITS else None
