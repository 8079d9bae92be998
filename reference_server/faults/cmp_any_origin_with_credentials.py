"""A page of any origin may use the user's credentials."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-9",)


def plant(seams: Seams) -> None:
    """Echo the origin, whatever it is."""

    def changed(headers: MutableHeaders, connection: HTTPConnection) -> None:
        if "origin" in connection.headers:
            headers["access-control-allow-origin"] = connection.headers["origin"]
            headers["access-control-allow-credentials"] = "true"

    seams.headers("cmp", changed)
