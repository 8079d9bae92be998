"""No answer of the stream's path names an origin: the CORS middleware is missing."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-5",)
CAUSES = {"SSE-5": "missing"}


def plant(seams: Seams) -> None:
    """Leave the header out."""

    def without(headers: MutableHeaders, _: HTTPConnection) -> None:
        if "access-control-allow-origin" in headers:
            del headers["access-control-allow-origin"]

    seams.headers("sse", without)
