"""Content types have no charset parameter, and streams must not be stored or transformed."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import REQUESTS, Seams


def plant(seams: Seams) -> None:
    """Cut the parameters off every content type."""

    def cut(headers: MutableHeaders, _: HTTPConnection) -> None:
        if "content-type" in headers:
            headers["content-type"] = headers["content-type"].partition(";")[0]
        if "cache-control" in headers:
            headers["cache-control"] = "private, no-store, no-transform, max-age=0"

    seams.headers(REQUESTS, cut)
