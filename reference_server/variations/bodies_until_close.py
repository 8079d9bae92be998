"""Bodies have neither a length nor chunks: the server ends each by closing its connection, as HTTP/1.0 did."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import RequestResponseCycle

from pulsegate.reference_server.tampering import REQUESTS, Seams


def plant(seams: Seams) -> None:
    """Answer every client as if it spoke HTTP/1.0, and leave out the length."""

    def begin(original: Any) -> Any:
        def begun(cycle: RequestResponseCycle, *arguments: Any, **members: Any) -> None:
            original(cycle, *arguments, **members)
            cycle.conn.their_http_version = b"1.0"

        return begun

    def without_length(headers: MutableHeaders, connection: HTTPConnection) -> None:
        if connection.scope["method"] != "HEAD":
            del headers["content-length"]

    seams.replace(RequestResponseCycle, "__init__", begin)
    seams.headers(REQUESTS, without_length)
    seams.wrap(_reading_first)


def _reading_first(app: ASGIApp) -> ASGIApp:
    """Take the whole body before answering: who closes with bytes unread resets the connection."""

    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        taken: list[Message] = []
        while scope["type"] == "http" and (not taken or taken[-1].get("more_body")):
            taken.append(await receive())

        async def again() -> Message:
            return taken.pop(0) if taken else await receive()

        await app(scope, again, send)

    return reading
