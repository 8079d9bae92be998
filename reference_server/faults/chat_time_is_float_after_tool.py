"""The execution time has decimals when a tool ran."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CHAT-1",)


def plant(seams: Seams) -> None:
    """Round on one of two paths only."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        metadata = value["metadata"]
        if metadata["tool_called"] is None:
            return value
        return {**value, "metadata": {**metadata, "execution_time_ms": metadata["execution_time_ms"] + 0.25}}

    seams.answers("chat", changed)
