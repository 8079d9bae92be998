"""An action without a token is refused without naming authentication."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-6",)


def plant(seams: Seams) -> None:
    """Say nothing of the reason."""

    def vague(value: Any, answer: Answer) -> Any:
        return {"success": False, "error": "The action failed."} if answer.status == 401 else value

    seams.answers("run", vague)
