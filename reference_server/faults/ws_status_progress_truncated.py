"""A progress of 100.5 or -0.5 counts as 100 or 0, and is passed on."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server import envelopes
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-5",)


def plant(seams: Seams) -> None:
    """Make an integer of the progress before it is judged."""

    def truncated(original: Any) -> Any:
        def wrong(payload: Any) -> str | None:
            if isinstance(payload, dict) and isinstance(payload.get("progress"), float):
                payload = {**payload, "progress": int(payload["progress"])}
            field: str | None = original(payload)
            return field

        return wrong

    seams.replace(envelopes, "_wrong_status", truncated)
