"""Conversation ids are written in capitals."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import Answer, Seams


def plant(seams: Seams) -> None:
    """Write the hexadecimal digits the other way (RFC 9562, section 4)."""

    def named(headers: MutableHeaders, _: HTTPConnection) -> None:
        if "x-conversation-id" in headers:
            headers["x-conversation-id"] = headers["x-conversation-id"].upper()

    def answered(value: Any, _: Answer) -> Any:
        if "conversation_id" in value:
            return {**value, "conversation_id": value["conversation_id"].upper()}
        return value

    seams.headers("cmp", named)
    seams.answers("chat", answered)
