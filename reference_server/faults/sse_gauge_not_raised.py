"""The gauge of open streams leaves the streams of GET /api/copilotkit out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-18",)
CAUSES = {"SSE-18": "not-counted"}


def plant(seams: Seams) -> None:
    """Count where the old streams are served only."""

    def make(original: Any) -> Any:
        @contextmanager
        def other_streams(surface: str) -> Iterator[None]:
            if surface == "sse":
                yield
                return
            with original(surface):
                yield

        return other_streams

    seams.replace(seams.services.metrics, "open", make)
