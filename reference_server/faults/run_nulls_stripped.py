"""Members of messages that are null do not come back."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


def plant(seams: Seams) -> None:
    """Answer models dumped with exclude_none."""

    def stripped(value: Any, _: Answer) -> Any:
        if "messages" not in value:
            return value
        kept = [{name: member for name, member in one.items() if member is not None} for one in value["messages"]]
        return {"messages": kept}

    seams.answers("run", stripped)
