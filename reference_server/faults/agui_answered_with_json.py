"""The events of a run are collected, and answered as a JSON list."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse

from pulsegate.reference_server.routers import agui
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AGUI-1",)


def plant(seams: Seams) -> None:
    """Return the events instead of streaming them."""

    def collected(_frames: Any, **_options: Any) -> JSONResponse:
        return JSONResponse([{"type": "RUN_STARTED"}, {"type": "RUN_FINISHED"}])

    seams.replace(agui, "EventStreamResponse", lambda _: collected)
