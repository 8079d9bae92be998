"""A declined upload says nothing in detail."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-4",)
CAUSES = {"KIT-4": "no-detail"}


def plant(seams: Seams) -> None:
    """Answer with a shape of one's own."""

    def uploaded(value: Any, answer: Answer) -> Any:
        if answer.status != 501:
            return value
        return {"error": "not_implemented"}

    seams.answers("kit", uploaded)
