"""Characters of four bytes, such as emoji, arrive as replacement characters in state updates."""

from __future__ import annotations

import json
from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3",)


def plant(seams: Seams) -> None:
    """Keep three bytes per character, as MySQL's utf8 does."""

    def narrow(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] == "state_update":
            text = json.dumps(message["payload"], ensure_ascii=False)
            message["payload"] = json.loads("".join(c if ord(c) < 0x10000 else "\ufffd" for c in text))
        return [(message, members)]

    seams.deliveries(narrow)
