"""Only the preflight carries CORS headers, the answer itself does not."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-9",)


def plant(seams: Seams) -> None:
    """Answer OPTIONS in a route of its own."""

    def changed(headers: MutableHeaders, connection: HTTPConnection) -> None:
        if connection.scope["method"] == "OPTIONS":
            return
        for name in [name for name in headers if name.startswith("access-control-")]:
            del headers[name]

    seams.headers("cmp", changed)
