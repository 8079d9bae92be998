"""A web page cannot send its cookie."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-9",)
CAUSES = {"CMP-9": "no-credentials"}


def plant(seams: Seams) -> None:
    """Leave out allow_credentials."""

    def changed(headers: MutableHeaders, connection: HTTPConnection) -> None:
        del headers["access-control-allow-credentials"]

    seams.headers("cmp", changed)
