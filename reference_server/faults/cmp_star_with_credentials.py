"""Every origin is allowed by an asterisk, together with credentials."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-9",)


def plant(seams: Seams) -> None:
    """Set both, as browsers refuse it."""

    def changed(headers: MutableHeaders, connection: HTTPConnection) -> None:
        headers["access-control-allow-origin"] = "*"
        headers["access-control-allow-credentials"] = "true"

    seams.headers("cmp", changed)
