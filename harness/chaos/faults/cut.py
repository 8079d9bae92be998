"""Cut: the connection ends now, wherever the stream is."""

from __future__ import annotations

from pulsegate.harness.chaos.effects import ENDS
from pulsegate.harness.chaos.fault import Fault
from pulsegate.harness.chaos.link import Link


class Cut(Fault):
    """The client gets what was sent, then the end of the connection, without the end of the answer."""

    name = "cut"
    did = "cut"
    causes = ENDS
    drops = True

    def begin(self, link: Link) -> None:
        """End it."""
        self.happened()
        link.cut()
