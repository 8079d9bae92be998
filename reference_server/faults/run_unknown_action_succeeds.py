"""An unknown action gets success true and no data."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-7",)


def plant(seams: Seams) -> None:
    """Fall through to the end of the handler."""

    def through(value: Any, answer: Answer) -> Any:
        if str(value.get("error", "")).startswith("Unknown action"):
            answer.status = 200
            return {"success": True, "data": None, "message": value["error"]}
        return value

    seams.answers("run", through)
