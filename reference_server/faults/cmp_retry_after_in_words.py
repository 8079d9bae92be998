"""The refusal of a flood gives the time to wait in words."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-10",)


def plant(seams: Seams) -> None:
    """Write the time for people."""

    def in_words(headers: MutableHeaders, _: HTTPConnection) -> None:
        if "retry-after" in headers:
            headers["retry-after"] = f"{headers['retry-after']} seconds"

    seams.headers("cmp", in_words)
