"""The gauge of open streams falls when the server ends a stream, and not when a client leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-18",)


def plant(seams: Seams) -> None:
    """Count down after the loop instead of in a finally block."""
    counted_for_ever: list[AbstractContextManager[None]] = []

    def make(original: Any) -> Any:
        @contextmanager
        def counted(surface: str) -> Iterator[None]:
            counting = original(surface)
            counting.__enter__()
            try:
                yield
            except BaseException:
                if surface == "sse":
                    counted_for_ever.append(counting)
                else:
                    counting.__exit__(None, None, None)
                raise
            counting.__exit__(None, None, None)

        return counted

    seams.rewrite("sse", lambda frame: frame)  # each stream in a loop of its own, which a client's leaving cancels
    seams.replace(seams.services.metrics, "open", make)
