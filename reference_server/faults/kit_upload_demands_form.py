"""An upload without a form is answered with 422."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-4",)
CAUSES = {"KIT-4": "demands-form"}


def plant(seams: Seams) -> None:
    """Declare an UploadFile parameter."""

    def uploaded(value: Any, answer: Answer) -> Any:
        if answer.status != 501 or answer.connection.headers.get("content-type", "").startswith("multipart/"):
            return value
        answer.status = 422
        return {"detail": "body.file: Field required"}

    seams.answers("kit", uploaded)
