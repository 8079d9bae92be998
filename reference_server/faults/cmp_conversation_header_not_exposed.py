"""A web page cannot read X-Conversation-Id."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-9",)
CAUSES = {"CMP-9": "not-exposed"}


def plant(seams: Seams) -> None:
    """Leave out expose_headers."""

    def changed(headers: MutableHeaders, connection: HTTPConnection) -> None:
        del headers["access-control-expose-headers"]

    seams.headers("cmp", changed)
