"""A message without text does not come back."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


def plant(seams: Seams) -> None:
    """Answer the messages that say something."""

    def said(value: Any, _: Answer) -> Any:
        return {"messages": [one for one in value["messages"] if one["content"]]} if "messages" in value else value

    seams.answers("run", said)
