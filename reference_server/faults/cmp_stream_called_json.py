"""Streamed answers call themselves application/json."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-4",)


def plant(seams: Seams) -> None:
    """Forget media_type= in the response."""

    def as_json(headers: MutableHeaders, _: HTTPConnection) -> None:
        if headers.get("content-type", "").startswith("text/event-stream"):
            headers["content-type"] = "application/json"

    seams.headers("cmp", as_json)
