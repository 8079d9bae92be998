"""Streamed answers do not name their conversation."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-3",)


def plant(seams: Seams) -> None:
    """Forget headers= in one of the two responses."""

    def without(headers: MutableHeaders, _: HTTPConnection) -> None:
        if headers.get("content-type", "").startswith("text/event-stream"):
            del headers["x-conversation-id"]

    seams.headers("cmp", without)
