"""An agent status in capital letters is passed on."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server import envelopes
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-5",)


def plant(seams: Seams) -> None:
    """Fold the case before comparing."""

    def folded(original: Any) -> Any:
        def wrong(payload: Any) -> str | None:
            if isinstance(payload, dict) and isinstance(payload.get("status"), str):
                payload = {**payload, "status": payload["status"].lower()}
            field: str | None = original(payload)
            return field

        return wrong

    seams.replace(envelopes, "_wrong_status", folded)
