"""A token that is no JWT is answered with 500."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-3",)


def plant(seams: Seams) -> None:
    """Forget that jwt.decode raises DecodeError too."""

    def refused(value: Any, answer: Answer) -> Any:
        if answer.status != 401 or answer.connection.headers.get("authorization", "..").count(".") == 2:
            return value
        answer.status = 500
        return {"detail": "Internal server error."}

    seams.answers("kit", refused)
