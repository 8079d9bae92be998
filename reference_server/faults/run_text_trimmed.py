"""White space around a message's text does not come back."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


def plant(seams: Seams) -> None:
    """Answer texts as they were cleaned for the model."""

    def trimmed(value: Any, _: Answer) -> Any:
        if "messages" not in value:
            return value
        return {"messages": [{**one, "content": (one["content"] or "").strip()} for one in value["messages"]]}

    seams.answers("run", trimmed)
