"""A progress below 0 is passed on."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server import envelopes
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-5",)


def plant(seams: Seams) -> None:
    """Test the upper bound only."""

    def one_sided(original: Any) -> Any:
        def wrong(payload: Any) -> str | None:
            field: str | None = original(payload)
            if field == "progress" and isinstance(payload["progress"], int | float) and payload["progress"] < 0:
                return None
            return field

        return wrong

    seams.replace(envelopes, "_wrong_status", one_sided)
