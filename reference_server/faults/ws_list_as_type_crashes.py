"""A message whose type is a list or an object ends the connection with 1011."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server import envelopes
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-6",)


def plant(seams: Seams) -> None:
    """Look the type up in a dictionary before looking at what it is."""
    handlers: dict[Any, None] = dict.fromkeys(envelopes.CLIENT_TYPES)

    def looked_up(original: Any) -> Any:
        def wrong(message: dict[str, Any]) -> str | None:
            handlers.get(message.get("type"))
            field: str | None = original(message)
            return field

        return wrong

    seams.replace(envelopes, "_wrong_field", looked_up)
