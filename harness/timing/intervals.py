"""A set of whole numbers as the ranges it consists of: a stream that lost nothing is one range, however long."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

Range = tuple[int, int]


class IntervalSet:
    """Whole numbers; costs memory by the range, not by the number."""

    __slots__ = ("_count", "_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._count = 0

    def add(self, number: int) -> bool:
        """Add one number; whether it was new."""
        ends = self._ends
        if ends and number == ends[-1] + 1:  # nearly always
            ends[-1] = number
            self._count += 1
            return True
        place = bisect_right(self._starts, number)
        if place and number <= ends[place - 1]:
            return False
        self._count += 1
        joins_before = place > 0 and ends[place - 1] == number - 1
        joins_after = place < len(self._starts) and self._starts[place] == number + 1
        if joins_before and joins_after:
            ends[place - 1] = ends.pop(place)
            del self._starts[place]
        elif joins_before:
            ends[place - 1] = number
        elif joins_after:
            self._starts[place] = number
        else:
            self._starts.insert(place, number)
            ends.insert(place, number)
        return True

    def ranges(self) -> list[Range]:
        """Its ranges in order, ends included."""
        return list(zip(self._starts, self._ends, strict=True))

    def holes(self) -> Iterator[Range]:
        """The ranges that it lacks between its first and its last number."""
        for end, start in zip(self._ends, self._starts[1:], strict=False):
            yield end + 1, start - 1

    def forget(self, most: int) -> None:
        """Forget the first half of its ranges when there are more than `most`."""
        if len(self._starts) > most:
            half = len(self._starts) // 2
            self._count -= sum(end - start + 1 for start, end in self.ranges()[:half])
            del self._starts[:half], self._ends[:half]

    @property
    def first(self) -> int:
        """Its smallest number; ValueError without any."""
        if not self._starts:
            raise ValueError("an empty set has no first number")
        return self._starts[0]

    @property
    def last(self) -> int | None:
        """Its largest number; None without any."""
        return self._ends[-1] if self._ends else None

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self._starts, number)
        return place > 0 and number <= self._ends[place - 1]

    def __len__(self) -> int:
        return self._count
