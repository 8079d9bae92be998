"""Streamed answers carry no CORS headers."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-9",)
CAUSES = {"CMP-9": "missing"}


def plant(seams: Seams) -> None:
    """Build the streaming response beside the middleware."""

    def changed(headers: MutableHeaders, connection: HTTPConnection) -> None:
        if headers.get("content-type", "").startswith("text/event-stream"):
            for name in [name for name in headers if name.startswith("access-control-")]:
                del headers[name]

    seams.headers("cmp", changed)
