"""The preflight succeeds, but its list of headers lacks Authorization."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-5",)
CAUSES = {"SSE-5": "preflight"}


def plant(seams: Seams) -> None:
    """Allow one header only."""

    def narrow(headers: MutableHeaders, _: HTTPConnection) -> None:
        if "access-control-allow-headers" in headers:
            headers["access-control-allow-headers"] = "Content-Type"

    seams.headers("sse", narrow)
