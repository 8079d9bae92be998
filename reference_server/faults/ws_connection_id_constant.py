"""Every connection is told the connectionId of the first one, made once for the process."""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-1", "WS-4")


def plant(seams: Seams) -> None:
    """Tell everybody the first id."""
    first: list[str] = []

    def constant(message: dict[str, Any], _: HTTPConnection) -> list[dict[str, Any]]:
        if message["type"] == "connection_established":
            first.append(message["payload"]["connectionId"])
            message["payload"]["connectionId"] = first[0]
        return [message]

    seams.outgoing(constant)
