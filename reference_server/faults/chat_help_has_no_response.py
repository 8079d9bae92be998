"""The answer to a request for help has its text in another member than response."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CHAT-1",)


def plant(seams: Seams) -> None:
    """Answer help from a table, in the shape of an older version."""

    def changed(value: Any, answer: Answer) -> Any:
        if answer.status != 200:
            return value
        if value["metadata"]["intent"] != "HELP":
            return value
        return {"message" if name == "response" else name: member for name, member in value.items()}

    seams.answers("chat", changed)
