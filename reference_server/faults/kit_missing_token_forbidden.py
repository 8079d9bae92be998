"""A request without a token is answered with 403."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-3",)
CAUSES = {"KIT-3": "missing-token"}


def plant(seams: Seams) -> None:
    """Refuse as HTTPBearer() of older FastAPI versions does."""

    def refused(value: Any, answer: Answer) -> Any:
        if answer.status != 401 or answer.connection.headers.get("authorization"):
            return value
        answer.status = 403
        return {"detail": "Not authenticated"}

    seams.answers("kit", refused)
