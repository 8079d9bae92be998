"""An input that is no object is answered with 500."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-10",)


def plant(seams: Seams) -> None:
    """Reach into the input without looking at it."""

    def refused(value: Any, answer: Answer) -> Any:
        if answer.status != 422 or not value["detail"].startswith("input: Input should be"):
            return value
        answer.status = 500
        return {"detail": "Internal server error."}

    seams.answers("kit", refused)
