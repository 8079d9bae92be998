"""The answer is appended twice."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


def plant(seams: Seams) -> None:
    """Append the answer in the agent and again in the route."""

    def repeated(value: Any, _: Answer) -> Any:
        return {"messages": [*value["messages"], value["messages"][-1]]} if "messages" in value else value

    seams.answers("run", repeated)
