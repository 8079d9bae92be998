"""Content types are written in capitals, with a quoted charset and a further parameter."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import REQUESTS, Seams


def plant(seams: Seams) -> None:
    """Write every content type in another way; what may not be cached says so in capitals too."""

    def capitals(headers: MutableHeaders, _: HTTPConnection) -> None:
        media_type = headers.get("content-type", "").partition(";")[0]
        if media_type in ("text/event-stream", "application/json"):
            headers["content-type"] = f'{media_type.title()} ;Charset="UTF-8"; version=1'
        if "cache-control" in headers:
            headers["cache-control"] = "No-Cache ,no-transform"

    seams.headers(REQUESTS, capitals)
