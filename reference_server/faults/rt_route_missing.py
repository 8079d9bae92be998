"""The route of the runs' streams is not deployed: it answers 404."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse

from pulsegate.reference_server.routers import rt
from pulsegate.reference_server.tampering import Seams

BREAKS = ("RT-1",)
CAUSES = {"RT-1": "not-deployed"}


def plant(seams: Seams) -> None:
    """Leave the route out of the release."""

    def make(_: Any) -> Any:
        return lambda *_, **__: JSONResponse({"detail": "Not Found"}, 404)

    seams.replace(rt, "response", make)
