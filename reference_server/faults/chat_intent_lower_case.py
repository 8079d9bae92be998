"""Intents are reported in lower case."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CHAT-3",)


def plant(seams: Seams) -> None:
    """Send the name of an enumeration's value."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        metadata = value["metadata"]
        return {**value, "metadata": {**metadata, "intent": metadata["intent"].lower()}}

    seams.answers("chat", changed)
