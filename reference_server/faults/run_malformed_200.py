"""Malformed JSON is answered with 200 and an error text."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-10",)


def plant(seams: Seams) -> None:
    """Answer every error with 200."""

    def calm(value: Any, answer: Answer) -> Any:
        if str(value.get("detail", "")).startswith("Malformed JSON"):
            answer.status = 200
            return {"success": False, "error": value["detail"]}
        return value

    seams.answers("run", calm)
