"""The execution time is a text with its unit."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CHAT-1",)
CAUSES = {"CHAT-1": "not-an-integer"}


def plant(seams: Seams) -> None:
    """Format for the log, and send that."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        metadata = value["metadata"]
        return {**value, "metadata": {**metadata, "execution_time_ms": f"{metadata['execution_time_ms']} ms"}}

    seams.answers("chat", changed)
