"""A body that is not UTF-8 is answered with 500."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-10",)


def plant(seams: Seams) -> None:
    """Catch the parser's errors, but not the decoder's."""

    def uncaught(value: Any, answer: Answer) -> Any:
        if "UTF-8" in str(value.get("detail", "")):
            answer.status = 500
            return {"detail": "Internal server error."}
        return value

    seams.answers("run", uncaught)
