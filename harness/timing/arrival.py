"""When bytes arrived, and how well that is known."""

from __future__ import annotations

from typing import NamedTuple

#: A read this late after its arrival says more about the reader than about the target.
LATE_READ_NS = 5_000_000


class Arrival(NamedTuple):
    """The arrival of one read's bytes, in nanoseconds since the epoch (``CLOCK_REALTIME``).

    The kernel stamps the LAST segment that was queued, so every byte of the read arrived after
    ``previous_ns`` and not after ``at_ns``. A tuple, because one is made for every read of a load run.
    """

    at_ns: int
    read_at_ns: int
    previous_ns: int
    kernel: bool

    @property
    def lag_ns(self) -> int:
        """How long the bytes lay in the kernel before they were read."""
        return max(0, self.read_at_ns - self.at_ns)

    @property
    def late(self) -> bool:
        """Whether the reader was too late to tell when the earlier bytes of this read came."""
        return self.lag_ns > LATE_READ_NS


class Read(NamedTuple):
    """The bytes that one receive call returned, and their arrival."""

    data: bytes
    arrival: Arrival
