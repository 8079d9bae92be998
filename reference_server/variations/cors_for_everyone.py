"""Event streams may be read by pages of every origin, without credentials, and preflights have no content."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Answer ``*`` on the streams, and 204 to every preflight."""

    def everyone(headers: MutableHeaders, _: HTTPConnection) -> None:
        headers["access-control-allow-origin"] = "*"
        del headers["access-control-allow-credentials"]
        if "access-control-allow-headers" in headers:
            headers["access-control-allow-headers"] = "authorization,LAST-EVENT-ID , content-type"

    def middleware(app: ASGIApp) -> ASGIApp:
        async def without_content(scope: Scope, receive: Receive, send: Send) -> None:
            admitted = False

            async def changed(message: Message) -> None:
                nonlocal admitted
                if message["type"] == "http.response.start" and message["status"] == 200:
                    admitted = True
                    message["status"] = 204
                    del MutableHeaders(scope=message)["content-length"]
                    del MutableHeaders(scope=message)["content-type"]
                elif admitted and message["type"] == "http.response.body":
                    message = {**message, "body": b""}
                await send(message)

            preflight = scope["type"] == "http" and scope["method"] == "OPTIONS"
            await app(scope, receive, changed if preflight else send)

        return without_content

    seams.headers(("sse", "rt"), everyone)
    seams.wrap(middleware)
