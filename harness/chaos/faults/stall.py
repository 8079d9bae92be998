"""Stall: nothing passes, in either direction, and nothing is lost."""

from __future__ import annotations

from pulsegate.harness.chaos.effects import SILENCES
from pulsegate.harness.chaos.fault import Fault
from pulsegate.harness.chaos.link import Link
from pulsegate.harness.chaos.parameters import FOR


class Stall(Fault):
    """Leaves in the sockets what both sides send, until its time is up."""

    name = "stall"
    did = "stalled"
    causes = SILENCES
    parameters = (FOR,)

    def begin(self, link: Link) -> None:
        """Read nothing."""
        link.up.pause()
        link.down.pause()
        self.happened()

    def end(self, link: Link) -> None:
        """Read again."""
        link.free()
        link.up.resume()
        link.down.resume()
