"""expires_in is the text "3600"."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-2",)
CAUSES = {"KIT-2": "expires-in"}


def plant(seams: Seams) -> None:
    """Pass the environment's setting on without int()."""

    def changed(value: Any, answer: Answer) -> Any:
        return {**value, "expires_in": "3600"} if "client_secret" in value else value

    seams.answers("kit", changed)
