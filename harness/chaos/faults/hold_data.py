"""Hold data but pass heartbeats: a producer that has stalled behind a connection that looks alive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from pulsegate.harness.chaos.effects import HOLDS
from pulsegate.harness.chaos.event_fault import EventFault, Instead
from pulsegate.harness.chaos.link import MOST_WAITING, Link
from pulsegate.harness.chaos.parameters import FOR
from pulsegate.harness.chaos.units import Unit


class HoldData(EventFault):
    """Holds every event that is no heartbeat; at the end they come, late and in order."""

    name = "hold-data"
    did = "left with heartbeats only"
    causes = HOLDS
    parameters = (FOR,)

    def __init__(self, arguments: Mapping[str, float], dice: Random, happened: Callable[[], None]) -> None:
        super().__init__(arguments, dice, happened)
        self._held = bytearray()

    def received(self, link: Link, data: bytes) -> None:
        """What is held is bounded: beyond, the target has to wait, heartbeats and all."""
        super().received(link, data)
        if len(self._held) > MOST_WAITING and not link.over:
            link.down.pause()

    def end(self, link: Link) -> None:
        """Pass on what is held, and read again."""
        super().end(link)
        link.down.resume()

    def begin(self, link: Link) -> None:
        """It is in force at once."""
        if self._units is None and link.framing.at_boundary:
            self.happened()
        super().begin(link)

    def event(self, unit: Unit) -> Instead:
        """Heartbeats and what is no event pass; a close frame is the last of all."""
        if unit.socket and not (unit.beat or unit.event):
            return Instead(self.held() + unit.raw, done=True)
        if unit.beat or not unit.event:
            return Instead(unit.raw)
        self._held += unit.raw
        return Instead(b"")

    def held(self) -> bytes:
        """All that was held."""
        held = bytes(self._held)
        self._held.clear()
        return held
