"""A message that equals the one before it does not come back."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


def plant(seams: Seams) -> None:
    """Answer the list without what looks like a double submission."""

    def merged(value: Any, _: Answer) -> Any:
        if "messages" not in value:
            return value
        pairs = zip([None, *value["messages"]], value["messages"], strict=False)
        return {"messages": [one for before, one in pairs if one != before]}

    seams.answers("run", merged)
