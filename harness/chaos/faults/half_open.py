"""Half-open: the target's side is gone, and the client is not told."""

from __future__ import annotations

from pulsegate.harness.chaos.effects import SILENCES
from pulsegate.harness.chaos.fault import Fault
from pulsegate.harness.chaos.link import Link


class HalfOpen(Fault):
    """Leaves the target; the client's connection stays, silent, until the client ends it."""

    name = "half-open"
    did = "left half-open"
    causes = SILENCES
    goes_on = True

    def begin(self, link: Link) -> None:
        """Leave the target."""
        self.happened()
        link.free()
        link.abandon()
