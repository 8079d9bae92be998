"""Integers arrive with 14 significant digits in state updates, as Lua's cjson writes them."""

from __future__ import annotations

import json
from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


def plant(seams: Seams) -> None:
    """Write integers as that library does."""

    def short(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "state_update":
            text = json.dumps(message["payload"])
            message["payload"] = json.loads(text, parse_int=lambda digits: int(float(f"{int(digits):.14g}")))
        return [(message, members)]

    seams.deliveries(short)
