"""An empty list of messages is taken for an empty body, and answered with the status."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-2",)


def plant(seams: Seams) -> None:
    """Ask whether the list is truthy."""

    def truthy(value: Any, answer: Answer) -> Any:
        if answer.asked == {"messages": []}:
            answer.status = 200
            return {"status": "ready", "authenticated": False, "user": None}
        return value

    seams.answers("run", truthy)
