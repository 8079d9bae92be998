"""Pages of hosts whose names begin like the application's may use the user's credentials."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-9",)


def plant(seams: Seams) -> None:
    """Match the origin with a pattern that has no end."""

    def changed(headers: MutableHeaders, connection: HTTPConnection) -> None:
        origin = connection.headers.get("origin", "")
        if origin.startswith("http://localhost"):
            headers["access-control-allow-origin"] = origin
            headers["access-control-allow-credentials"] = "true"

    seams.headers("cmp", changed)
