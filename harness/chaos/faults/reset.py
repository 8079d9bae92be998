"""Reset: the connection ends at once, with a TCP reset (RST)."""

from __future__ import annotations

from pulsegate.harness.chaos.effects import ENDS
from pulsegate.harness.chaos.fault import Fault
from pulsegate.harness.chaos.link import Link


class Reset(Fault):
    """Both sides get a reset; what was under way is lost."""

    name = "reset"
    did = "reset"
    causes = ENDS
    drops = True

    def begin(self, link: Link) -> None:
        """End it."""
        self.happened()
        link.reset()
