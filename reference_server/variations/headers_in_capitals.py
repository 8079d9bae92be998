"""The names of header fields are written in capitals, and there are more of them."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import REQUESTS, Seams

MORE = {"server": "other/1.0", "x-request-id": "0f3c", "strict-transport-security": "max-age=60", "x-empty": ""}


def plant(seams: Seams) -> None:
    """Rename every field."""

    def capitals(headers: MutableHeaders, _: HTTPConnection) -> None:
        headers.update(MORE)
        headers.raw[:] = [(name.upper(), value) for name, value in headers.raw]

    seams.headers(REQUESTS, capitals)
