"""An upload is answered with 200, though nothing is kept."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-4",)
CAUSES = {"KIT-4": "accepted"}


def plant(seams: Seams) -> None:
    """Pretend."""

    def uploaded(value: Any, answer: Answer) -> Any:
        if answer.status != 501:
            return value
        answer.status = 200
        return {"id": "file_1", "status": "uploaded"}

    seams.answers("kit", uploaded)
