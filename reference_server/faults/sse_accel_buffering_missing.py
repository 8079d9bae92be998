"""The stream carries no X-Accel-Buffering."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-4",)


def plant(seams: Seams) -> None:
    """Leave the header out."""

    def without(headers: MutableHeaders, _: HTTPConnection) -> None:
        if "x-accel-buffering" in headers:
            del headers["x-accel-buffering"]

    seams.headers("sse", without)
