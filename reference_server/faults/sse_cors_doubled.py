"""Access-Control-Allow-Origin is sent twice, by the application and by the proxy before it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-5",)
CAUSES = {"SSE-5": "doubled"}


def plant(seams: Seams) -> None:
    """Add the header a second time."""

    def twice(headers: MutableHeaders, connection: HTTPConnection) -> None:
        if "origin" in connection.headers:
            headers.append("access-control-allow-origin", connection.headers["origin"])

    seams.headers("sse", twice)
