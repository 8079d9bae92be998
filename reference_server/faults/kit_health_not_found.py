"""The ChatKit health route answers 404."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-1",)


def plant(seams: Seams) -> None:
    """Answer as if the route stood in a router that nobody includes."""

    def missing(value: Any, answer: Answer) -> Any:
        if not answer.connection.url.path.endswith("/health"):
            return value
        answer.status = 404
        return {"detail": "Not Found"}

    seams.answers("kit", missing)
