"""Every sixth GET /health meets an instance that is down: 503."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response

from pulsegate.reference_server.tampering import Seams

BREAKS = ("HEALTH-1",)
CAUSES = {"HEALTH-1": "unsteady"}


def plant(seams: Seams) -> None:
    """Balance over six instances, one of them ill."""
    asked = 0

    def ill(_: HTTPConnection) -> Response | None:
        nonlocal asked
        asked += 1
        return PlainTextResponse("no healthy upstream", 503) if asked % 6 == 0 else None

    seams.instead("health", ill)
