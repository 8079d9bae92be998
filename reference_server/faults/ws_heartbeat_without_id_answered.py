"""A heartbeat without an id is echoed with one made up, instead of an error."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from pulsegate.reference_server import envelopes
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-6",)


def plant(seams: Seams) -> None:
    """Default the id of heartbeats."""

    def lenient(original: Any) -> Any:
        def wrong(message: dict[str, Any]) -> str | None:
            if message.get("type") == "heartbeat":
                message.setdefault("id", str(uuid4()))
            field: str | None = original(message)
            return field

        return wrong

    seams.replace(envelopes, "_wrong_field", lenient)
