"""Messages come back with their role and content only."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


def plant(seams: Seams) -> None:
    """Answer typed models."""

    def typed(value: Any, _: Answer) -> Any:
        if "messages" not in value:
            return value
        return {"messages": [{"role": one["role"], "content": one.get("content")} for one in value["messages"]]}

    seams.answers("run", typed)
