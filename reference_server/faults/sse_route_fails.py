"""GET /api/copilotkit raises before it answers: 500."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response

from pulsegate.reference_server.tampering import Seams

BREAKS = ("SSE-1",)
CAUSES = {"SSE-1": "failing"}


def plant(seams: Seams) -> None:
    """Use a setting that was not made on this machine."""

    def failing(_: HTTPConnection) -> Response:
        return PlainTextResponse("Internal Server Error", 500)

    seams.instead("sse", failing)
