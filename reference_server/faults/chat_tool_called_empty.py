"""When no tool ran, tool_called is an empty string."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CHAT-1",)
CAUSES = {"CHAT-1": "empty-tool"}


def plant(seams: Seams) -> None:
    """Declare the member as str."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        metadata = value["metadata"]
        return {**value, "metadata": {**metadata, "tool_called": metadata["tool_called"] or ""}}

    seams.answers("chat", changed)
