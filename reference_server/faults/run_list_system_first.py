"""System messages come back before all others."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


def plant(seams: Seams) -> None:
    """Answer the list that was sorted for the model."""

    def sorted_list(value: Any, _: Answer) -> Any:
        if "messages" not in value:
            return value
        return {"messages": sorted(value["messages"], key=lambda message: message["role"] != "system")}

    seams.answers("run", sorted_list)
