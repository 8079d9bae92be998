"""One stream in ten is counted as open for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-18",)


def plant(seams: Seams) -> None:
    """Miss the end of every tenth stream."""
    opened = 0
    missed: list[AbstractContextManager[None]] = []

    def make(original: Any) -> Any:
        @contextmanager
        def leaky(surface: str) -> Iterator[None]:
            nonlocal opened
            opened += surface == "sse"
            if surface == "sse" and opened % 10 == 0:
                missed.append(original(surface))
                missed[-1].__enter__()
                yield
                return
            with original(surface):
                yield

        return leaky

    seams.replace(seams.services.metrics, "open", make)
