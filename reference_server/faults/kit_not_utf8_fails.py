"""A body that is no UTF-8 is answered with 500."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-10",)


def plant(seams: Seams) -> None:
    """Forget that decoding can fail before parsing does."""

    def refused(value: Any, answer: Answer) -> Any:
        if answer.status != 400 or "UTF-8" not in value["detail"]:
            return value
        answer.status = 500
        return {"detail": "Internal server error."}

    seams.answers("kit", refused)
