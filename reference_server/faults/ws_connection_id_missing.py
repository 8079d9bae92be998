"""The greeting calls the connection's id connection_id, so that clients do not find it."""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-1", "WS-4")


def plant(seams: Seams) -> None:
    """Write the name in snake case."""

    def renamed(message: dict[str, Any], _: HTTPConnection) -> list[dict[str, Any]]:
        if message["type"] == "connection_established":
            message["payload"]["connection_id"] = message["payload"].pop("connectionId")
        return [message]

    seams.outgoing(renamed)
