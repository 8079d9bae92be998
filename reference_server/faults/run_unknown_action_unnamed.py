"""The error for an unknown action does not name it."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-7",)


def plant(seams: Seams) -> None:
    """Leave the name out."""

    def unnamed(value: Any, _: Answer) -> Any:
        unknown = str(value.get("error", "")).startswith("Unknown action")
        return {**value, "error": "Unknown action"} if unknown else value

    seams.answers("run", unnamed)
