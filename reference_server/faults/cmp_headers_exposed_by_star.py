"""X-Conversation-Id is exposed by an asterisk, which does not count with credentials."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-9",)
CAUSES = {"CMP-9": "wildcard"}


def plant(seams: Seams) -> None:
    """Hope that the asterisk covers it."""

    def changed(headers: MutableHeaders, connection: HTTPConnection) -> None:
        if "access-control-expose-headers" in headers:
            headers["access-control-expose-headers"] = "*"

    seams.headers("cmp", changed)
