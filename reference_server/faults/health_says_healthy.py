"""GET /health says healthy where it is documented to say ok."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("HEALTH-1",)


def plant(seams: Seams) -> None:
    """Use another word."""

    def healthy(value: Any, _: Answer) -> Any:
        return {**value, "status": "healthy"}

    seams.answers("health", healthy)
