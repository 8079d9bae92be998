"""Fractions arrive rounded to six places in state updates."""

from __future__ import annotations

import json
from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


def plant(seams: Seams) -> None:
    """Keep six places."""

    def rounded(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "state_update":
            text = json.dumps(message["payload"])
            message["payload"] = json.loads(text, parse_float=lambda digits: round(float(digits), 6))
        return [(message, members)]

    seams.deliveries(rounded)
