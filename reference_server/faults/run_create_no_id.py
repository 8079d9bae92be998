"""createEvent succeeds without telling the event's id."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-3",)


def plant(seams: Seams) -> None:
    """Answer before the database has given an id."""

    def unnamed(value: Any, answer: Answer) -> Any:
        if isinstance(answer.asked, dict) and answer.asked.get("action") == "createEvent" and "data" in value:
            value["data"]["id"] = None
        return value

    seams.answers("run", unnamed)
