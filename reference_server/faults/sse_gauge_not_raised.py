"""The gauge of open streams leaves the streams of GET /api/copilotkit out."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-18",)
CAUSES = {"SSE-18": "not-counted"}


def plant(seams: Seams) -> None:
    """Count where the old streams are served only."""

    def make(original: Any) -> Any:
        def other_streams(surface: str, change: int) -> None:
            if surface != "sse":
                original(surface, change)

        return other_streams

    seams.replace(seams.services.metrics, "count_open", make)
