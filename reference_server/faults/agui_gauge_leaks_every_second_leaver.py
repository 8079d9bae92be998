"""Every second run whose client left is counted as open for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count

from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-16",)


Open = Callable[[str], AbstractContextManager[None]]


def plant(seams: Seams) -> None:
    """Forget to count down on one of two ways out."""
    leavers = count(1)
    counted_for_ever: list[AbstractContextManager[None]] = []

    def make(original: Open) -> Open:
        @contextmanager
        def opened(surface: str) -> Iterator[None]:
            counted = original(surface)
            counted.__enter__()
            try:
                yield
            except BaseException:
                if surface != "agui" or next(leavers) % 2:
                    counted.__exit__(None, None, None)
                else:
                    counted_for_ever.append(counted)
                raise
            counted.__exit__(None, None, None)

        return opened

    seams.replace(seams.services.metrics, "open", make)
