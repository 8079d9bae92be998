"""An origin that only begins like the application's is admitted, with credentials."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-5",)
CAUSES = {"SSE-5": "lookalike"}


def plant(seams: Seams) -> None:
    """Compare origins by their beginning: a pattern without its end."""
    known = seams.services.settings.cors_origins

    def lenient(headers: MutableHeaders, connection: HTTPConnection) -> None:
        origin = connection.headers.get("origin", "")
        if origin.startswith(known):
            headers["access-control-allow-origin"] = origin
            headers["access-control-allow-credentials"] = "true"

    seams.headers("sse", lenient)
