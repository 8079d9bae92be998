"""With the streams switched off, the plain endpoint answers with an empty text."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("FALL-2",)


def plant(seams: Seams) -> None:
    """Send the text to a stream that is not there."""

    def unsent(value: Any, _: Answer) -> Any:
        return value if seams.services.settings.streams or "response" not in value else {**value, "response": ""}

    seams.answers("fall", unsent)
