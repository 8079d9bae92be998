"""An upload is answered with 500."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-4",)
CAUSES = {"KIT-4": "failing"}


def plant(seams: Seams) -> None:
    """Raise NotImplementedError."""

    def uploaded(value: Any, answer: Answer) -> Any:
        if answer.status != 501:
            return value
        answer.status = 500
        return {"detail": "Internal server error."}

    seams.answers("kit", uploaded)
