"""Streams whose clients left are counted as open for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-11",)
CAUSES = {"CMP-11": "goes-on"}


Open = Callable[[str], AbstractContextManager[None]]


def plant(seams: Seams) -> None:
    """Decrease the gauge behind the loop, without finally."""
    counted_for_ever: list[AbstractContextManager[None]] = []

    def forgetful(original: Open) -> Open:
        @contextmanager
        def opened(surface: str) -> Iterator[None]:
            counted = original(surface)
            counted.__enter__()
            try:
                yield
            except BaseException:
                if surface == "cmp":
                    counted_for_ever.append(counted)
                else:
                    counted.__exit__(None, None, None)
                raise
            counted.__exit__(None, None, None)

        return opened

    seams.replace(seams.services.metrics, "open", forgetful)
