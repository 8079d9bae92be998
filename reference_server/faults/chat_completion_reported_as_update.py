"""Completing a task is reported as the intent UPDATE."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CHAT-3",)


def plant(seams: Seams) -> None:
    """Take completing for a kind of updating."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        metadata = value["metadata"]
        if metadata["intent"] != "COMPLETE":
            return value
        return {**value, "metadata": {**metadata, "intent": "UPDATE"}}

    seams.answers("chat", changed)
