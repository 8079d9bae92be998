"""createEvent answers a title of more than a hundred characters cut short."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-3",)


def plant(seams: Seams) -> None:
    """Keep what the column takes."""

    def cut(value: Any, answer: Answer) -> Any:
        if isinstance(answer.asked, dict) and answer.asked.get("action") == "createEvent" and "data" in value:
            value["data"]["title"] = value["data"]["title"][:100]
        return value

    seams.answers("run", cut)
