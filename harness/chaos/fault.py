"""What a fault of the relay is: one object does one harm to one connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import ClassVar

from pulsegate.harness.chaos.link import Link
from pulsegate.harness.chaos.parameters import Parameter


class Fault:
    """Passes everything on; a fault overrides what it changes.

    `arguments` hold what `parameters` name; `happened` is to be called when the harm was done.
    """

    #: How it is written in a schedule.
    name: ClassVar[str]
    #: What became of a connection it was done to, for people: "12 of 30 streams were ...".
    did: ClassVar[str]
    #: What stands behind its name, in this order.
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    #: Connections that are opened while it lasts are harmed too.
    spreads: ClassVar[bool] = False
    #: Clients lose their connections by it, at one moment.
    drops: ClassVar[bool] = False
    #: What it is known to cause by itself, whatever the target does; see `figures.caused`.
    causes: ClassVar[frozenset[str]]
    #: What it causes may come at any time until the load ends, unless it has a time of its own.
    goes_on: ClassVar[bool] = False

    def __init__(self, arguments: Mapping[str, float], dice: Random, happened: Callable[[], None]) -> None:
        self.arguments = arguments
        self.dice = dice
        self.happened = happened

    def begin(self, link: Link) -> None:
        """It was armed."""

    def received(self, link: Link, data: bytes) -> None:
        """The target sent `data`."""
        link.forward(data)

    def target_ended(self, link: Link) -> None:
        """The target sends nothing more: what is held is passed on first."""
        self.end(link)
        link.pass_end()

    def end(self, link: Link) -> None:
        """Its time is up: pass on what is held, then `link.free()`."""
        link.free()
