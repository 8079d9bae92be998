"""Faults that need to know where events end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from pulsegate.harness.chaos.fault import Fault
from pulsegate.harness.chaos.framing import Kind, Piece
from pulsegate.harness.chaos.link import Link
from pulsegate.harness.chaos.units import Unit, Units

_LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Instead:
    """What is sent in place of an event; then the connection is cut if it `cuts`, or the fault over if `done`."""

    data: bytes
    cuts: bool = False
    done: bool = False


class EventFault(Fault, ABC):
    """Calls `event` with each event, and with what stands between them.

    From the first boundary after it was armed to the first one after it ended, what the target sends is taken out
    of its chunks and put into new ones; a length or a frame stays as it is.
    """

    def __init__(self, arguments: Mapping[str, float], dice: Random, happened: Callable[[], None]) -> None:
        super().__init__(arguments, dice, happened)
        self._units: Units | None = None
        self._over = False
        self._out = bytearray()

    @abstractmethod
    def event(self, unit: Unit) -> Instead:
        """What the client gets for `unit`."""

    def held(self) -> bytes:
        """What is passed on when the fault ends."""
        return b""

    def begin(self, link: Link) -> None:
        """Begin at once where a chunk or a frame is over, else as soon as one is."""
        if link.framing.at_boundary:
            self._units = Units(aligned=link.framing.between_events)

    def received(self, link: Link, data: bytes) -> None:
        """Take `data` apart, and put together what the client gets."""
        for piece in link.framing.split(data):
            if self._units is None:
                self._out += piece.data
                if not self._over:
                    self.begin(link)
            elif self._cuts(link, self._units, piece):
                self._send(link)
                link.cut()
                return
            if self._over and self._units is not None and link.framing.at_boundary:
                self._give_back(link)
        self._send(link)
        if self._over:
            self._leave(link)

    def _cuts(self, link: Link, units: Units, piece: Piece) -> bool:
        """Handle one piece; whether the connection is to be cut behind it."""
        match piece.kind:
            case Kind.BODY:
                return any(self._handle(link, unit) for unit in units.body(piece.data))
            case Kind.FRAME:
                return any(self._handle(link, unit) for unit in units.frame(piece.data, whole=link.framing.at_boundary))
            case Kind.END:
                self._out += _chunk(units.take() + self.held()) + _LAST_CHUNK
            case Kind.RAW:
                self._out += units.take() + piece.data
            case Kind.CODING:
                pass
        return False

    def _handle(self, link: Link, unit: Unit) -> bool:
        if self._over:
            self._put(link, unit.raw)
            return False
        instead = self.event(unit)
        self._put(link, instead.data)
        if instead.cuts or instead.done:
            self.happened()
            self._over = True
        return instead.cuts

    def _put(self, link: Link, data: bytes) -> None:
        self._out += _chunk(data) if link.framing.chunked else data

    def _give_back(self, link: Link) -> None:
        """At a boundary: from here on bytes are passed as they are."""
        assert self._units is not None
        self._put(link, self.held() + self._units.take())
        self._units = None

    def _send(self, link: Link) -> None:
        if self._out:
            link.down.send(bytes(self._out))
            self._out.clear()

    def target_ended(self, link: Link) -> None:
        """What is held goes first, wherever the target stopped."""
        self._over = True
        if self._units is not None:
            self._give_back(link)
        self._send(link)
        link.free()
        link.pass_end()

    def end(self, link: Link) -> None:
        """Now, or at the next boundary."""
        self._over = True
        if self._units is not None and link.framing.at_boundary:
            self._give_back(link)
        self._send(link)
        self._leave(link)

    def _leave(self, link: Link) -> None:
        if self._units is None:
            link.free()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""
