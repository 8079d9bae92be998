"""An action whose parameters are a list is answered with 500."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-10",)


def plant(seams: Seams) -> None:
    """Call get on whatever came."""

    def uncaught(value: Any, answer: Answer) -> Any:
        if isinstance(answer.asked, dict) and isinstance(answer.asked.get("parameters"), list):
            answer.status = 500
            return {"detail": "Internal server error."}
        return value

    seams.answers("run", uncaught)
