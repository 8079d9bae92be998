"""The stream admits the production origin, whatever the configured one is."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-5",)
CAUSES = {"SSE-5": "other-origin"}


def plant(seams: Seams) -> None:
    """Set the header by hand."""

    def fixed(headers: MutableHeaders, _: HTTPConnection) -> None:
        headers["access-control-allow-origin"] = "https://app.example.com"

    seams.headers("sse", fixed)
