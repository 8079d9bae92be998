"""The stream is sent as text/plain: its media type was forgotten."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-1",)
CAUSES = {"SSE-1": "wrong-type"}


def plant(seams: Seams) -> None:
    """Send another media type."""

    def plain(headers: MutableHeaders, _: HTTPConnection) -> None:
        headers["content-type"] = "text/plain; charset=utf-8"

    seams.headers("sse", plain)
