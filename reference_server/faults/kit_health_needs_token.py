"""The ChatKit health route asks for a token."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("KIT-1",)


def plant(seams: Seams) -> None:
    """Refuse anonymous callers, as a dependency of the whole router does."""

    def guarded(value: Any, answer: Answer) -> Any:
        request = answer.connection
        if not request.url.path.endswith("/health") or request.headers.get("authorization"):
            return value
        answer.status = 401
        return {"detail": "Not authenticated"}

    seams.answers("kit", guarded)
