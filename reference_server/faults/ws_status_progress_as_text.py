"""A progress that is the text "50" is passed on."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server import envelopes
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-5",)


def plant(seams: Seams) -> None:
    """Coerce the progress, as a lax model does."""

    def lax(original: Any) -> Any:
        def wrong(payload: Any) -> str | None:
            field: str | None = original(payload)
            if field == "progress" and isinstance(payload["progress"], str) and payload["progress"].isdigit():
                return None
            return field

        return wrong

    seams.replace(envelopes, "_wrong_status", lax)
