"""A message of more than 16384 characters comes back cut short."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


LONGEST = 16_384


def plant(seams: Seams) -> None:
    """Answer texts as the database kept them."""

    def cut(value: Any, _: Answer) -> Any:
        if "messages" not in value:
            return value
        return {"messages": [{**one, "content": (one["content"] or "")[:LONGEST]} for one in value["messages"]]}

    seams.answers("run", cut)
