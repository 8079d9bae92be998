"""An action without a token gets a detail, but no success false."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-6",)


def plant(seams: Seams) -> None:
    """Raise where the other failures answer."""

    def raised(value: Any, answer: Answer) -> Any:
        return {"detail": "Not authenticated"} if answer.status == 401 else value

    seams.answers("run", raised)
