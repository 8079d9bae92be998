"""The refusal of a flood does not say when to come back."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-10",)


def plant(seams: Seams) -> None:
    """Answer 429 and nothing more."""

    def without(headers: MutableHeaders, _: HTTPConnection) -> None:
        del headers["retry-after"]

    seams.headers("cmp", without)
