"""The stream of the second user to sign in names no origin."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-5",)
CAUSES = {"SSE-5": "missing"}


def plant(seams: Seams) -> None:
    """Find the origin in the settings of a tenant that has none."""

    def without(headers: MutableHeaders, connection: HTTPConnection) -> None:
        if seams.user_number(connection) == 2 and "access-control-allow-origin" in headers:
            del headers["access-control-allow-origin"]

    seams.headers("sse", without)
