"""A malformed request that asks for a stream gets 200 and a stream that holds the error."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("CMP-7",)


def plant(seams: Seams) -> None:
    """Validate inside the generator, when the status is already out."""

    def streamed(value: Any, answer: Answer) -> Any:
        if answer.status != 422 or not isinstance(answer.asked, dict) or not answer.asked.get("stream"):
            return value
        answer.status = 200
        answer.headers["content-type"] = "text/event-stream"
        return b'data: {"error": {"message": "The request is malformed."}}\n\n'

    seams.answers("cmp", streamed)
