"""No answer names its conversation."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-3",)
CAUSES = {"CMP-3": "no-header"}


def plant(seams: Seams) -> None:
    """Drop the header."""

    def without(headers: MutableHeaders, _: HTTPConnection) -> None:
        del headers["x-conversation-id"]

    seams.headers("cmp", without)
