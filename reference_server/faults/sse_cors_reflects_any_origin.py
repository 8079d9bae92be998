"""Every origin is reflected and given credentials."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-5",)
CAUSES = {"SSE-5": "reflected"}


def plant(seams: Seams) -> None:
    """Admit whoever asks."""

    def reflect(headers: MutableHeaders, connection: HTTPConnection) -> None:
        if "origin" in connection.headers:
            headers["access-control-allow-origin"] = connection.headers["origin"]
            headers["access-control-allow-credentials"] = "true"

    seams.headers("sse", reflect)
