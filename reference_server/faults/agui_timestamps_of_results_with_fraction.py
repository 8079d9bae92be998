"""The timestamps of tool results are seconds with a fraction."""

from __future__ import annotations

import time

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Event, Seams

BREAKS = ("AGUI-1",)


def plant(seams: Seams) -> None:
    """Stamp with time.time() where the tool is called."""

    def stamped(event: Event, _: HTTPConnection) -> Event:
        if event.data["type"] == "TOOL_CALL_RESULT":
            return event.changed(timestamp=time.time())
        return event

    seams.events("agui", stamped)
