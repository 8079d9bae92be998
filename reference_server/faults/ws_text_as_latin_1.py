"""Letters beyond ASCII arrive as two or three wrong ones in everything that is passed on."""

from __future__ import annotations

import json
from typing import Any

from pulsegate.reference_server.rooms import Member
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-3", "WS-4", "WS-5")


def plant(seams: Seams) -> None:
    """Read UTF-8 as Latin-1 on the way out."""

    def mangled(message: dict[str, Any], members: list[Member]) -> Any:
        if message["type"] in ("state_update", "agent_message", "agent_status"):
            text = json.dumps(message["payload"], ensure_ascii=False)
            message["payload"] = json.loads(text.encode().decode("latin-1"))
        return [(message, members)]

    seams.deliveries(mangled)
