"""Pages of other origins: what browsers are told about them, and what is noted of those that are refused."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

ORIGIN_LENGTH = 256


class Cors(CORSMiddleware):
    """Starlette's CORS, which also writes refused preflights into the audit log."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or let the request through with the headers of its origin."""
        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            asked = "access-control-request-method" in headers
            if origin is not None and asked and not self.is_allowed_origin(origin):
                note_refused(HTTPConnection(scope), origin)
        await super().__call__(scope, receive, send)


def note_refused(connection: HTTPConnection, origin: str) -> None:
    """Write into the audit log that a page of `origin` was refused."""
    audit = connection.app.state.services.audit
    audit.note(connection, "origin.refused", outcome="refused", origin=origin[:ORIGIN_LENGTH])
