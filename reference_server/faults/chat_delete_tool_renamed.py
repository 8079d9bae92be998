"""Deleting a task is reported with the tool remove_task."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CHAT-3",)


def plant(seams: Seams) -> None:
    """Report the function's name instead of the tool's."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        metadata = value["metadata"]
        if metadata["tool_called"] != "delete_task":
            return value
        return {**value, "metadata": {**metadata, "tool_called": "remove_task"}}

    seams.answers("chat", changed)
