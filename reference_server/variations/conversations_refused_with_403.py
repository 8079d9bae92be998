"""A conversation that is not the caller's is refused with 403, by an error that names its id and the request."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from pulsegate.reference_server.tampering import Answer, Seams


def plant(seams: Seams) -> None:
    """Answer like a server that never says whether there is such a conversation."""

    def forbidden(value: Any, answer: Answer) -> Any:
        if answer.status != 404:
            return value
        answer.status = 403
        asked = answer.connection.headers.get("x-conversation-id") or answer.asked.get("conversation_id")
        message = f"Conversation {asked.upper()} is not yours."
        return {"error": {"code": 7403, "message": message, "request_id": uuid4().hex[:16], "at": time.time()}}

    seams.answers(("cmp", "chat"), forbidden)
