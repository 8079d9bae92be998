"""A session says that it lasts two hours."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-2",)


def plant(seams: Seams) -> None:
    """Promise 7200 seconds."""

    def changed(value: Any, answer: Answer) -> Any:
        return {**value, "expires_in": 7200} if "client_secret" in value else value

    seams.answers("kit", changed)
