"""The stream carries no Cache-Control."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-3",)


def plant(seams: Seams) -> None:
    """Leave the header out."""

    def without(headers: MutableHeaders, _: HTTPConnection) -> None:
        if "cache-control" in headers:
            del headers["cache-control"]

    seams.headers("sse", without)
