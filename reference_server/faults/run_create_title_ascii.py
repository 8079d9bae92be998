"""createEvent answers the title with question marks for letters beyond ASCII."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-3",)


def plant(seams: Seams) -> None:
    """Encode the title for a log, and answer that."""

    def ascii_only(value: Any, answer: Answer) -> Any:
        if isinstance(answer.asked, dict) and answer.asked.get("action") == "createEvent" and "data" in value:
            value["data"]["title"] = value["data"]["title"].encode("ascii", "replace").decode()
        return value

    seams.answers("run", ascii_only)
