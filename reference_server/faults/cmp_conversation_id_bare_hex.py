"""The completions endpoint names and takes conversations without the dashes of a UUID."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.routers import cmp
from pulsegate.reference_server.tampering import Seams

BREAKS = ("CMP-3", "CHAT-2")


ReadId = Callable[[str], UUID]


def plant(seams: Seams) -> None:
    """Write UUID.hex, and read what UUID() reads."""

    def lenient(original: ReadId) -> ReadId:
        def read_id(text: str) -> UUID:
            return UUID(text) if len(text) == 32 else original(text)

        return read_id

    def bare(headers: MutableHeaders, _: HTTPConnection) -> None:
        if "x-conversation-id" in headers:
            headers["x-conversation-id"] = UUID(headers["x-conversation-id"]).hex

    seams.replace(cmp, "read_conversation_id", lenient)
    seams.headers("cmp", bare)
