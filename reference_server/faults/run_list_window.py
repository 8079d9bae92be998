"""Of a conversation of more than fifty messages only the last fifty come back."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


def plant(seams: Seams) -> None:
    """Answer the list that was cut for the model."""

    def windowed(value: Any, _: Answer) -> Any:
        return {"messages": value["messages"][-51:]} if "messages" in value else value

    seams.answers("run", windowed)
