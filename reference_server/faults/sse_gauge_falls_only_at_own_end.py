"""The gauge of open streams falls when the server ends a stream, and not when a client leaves."""

from __future__ import annotations

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-18",)


def plant(seams: Seams) -> None:
    """Count down after the loop instead of in a finally block."""
    seams.rewrite("sse", lambda frame: frame)  # each stream in a loop of its own, which a client's leaving cancels
    seams.when_left("sse", lambda: seams.services.metrics.count_open("sse", 1))
