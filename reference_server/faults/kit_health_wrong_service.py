"""The ChatKit health route calls itself by the name of the whole backend."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-1",)


def plant(seams: Seams) -> None:
    """Name another service, as a route copied from the main health check does."""

    def renamed(value: Any, answer: Answer) -> Any:
        return {**value, "service": "backend"} if answer.connection.url.path.endswith("/health") else value

    seams.answers("kit", renamed)
