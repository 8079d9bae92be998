"""A good token in the query is verified, and its client is anonymous all the same."""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-8",)
CAUSES = {"WS-8": "token-ignored"}


def plant(seams: Seams) -> None:
    """Verify the token, and forget whose it is."""

    def forgetful(message: dict[str, Any], connection: HTTPConnection) -> list[dict[str, Any]]:
        if message["type"] == "connection_established" and "token" in connection.query_params:
            message["payload"] |= {"authenticated": False, "user": None}
        return [message]

    seams.outgoing(forgetful)
