"""A body that is no JSON is answered with 200 and an error inside."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-10",)


def plant(seams: Seams) -> None:
    """Report errors in the body only."""

    def refused(value: Any, answer: Answer) -> Any:
        if answer.status != 400 or "JSON" not in value["detail"]:
            return value
        answer.status = 200
        return {"error": value["detail"]}

    seams.answers("kit", refused)
