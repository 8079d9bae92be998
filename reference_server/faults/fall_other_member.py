"""The plain answer's text is in message instead of response."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("FALL-1", "FALL-2")


def plant(seams: Seams) -> None:
    """Rename the member."""

    def renamed(value: Any, _: Answer) -> Any:
        return {"message": value["response"]} if "response" in value else value

    seams.answers("fall", renamed)
