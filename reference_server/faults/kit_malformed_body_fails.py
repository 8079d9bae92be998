"""A body that is no JSON is answered with 500."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-10",)


def plant(seams: Seams) -> None:
    """Call json.loads without catching what it raises."""

    def refused(value: Any, answer: Answer) -> Any:
        if answer.status != 400 or "JSON" not in value["detail"]:
            return value
        answer.status = 500
        return {"detail": "Internal server error."}

    seams.answers("kit", refused)
